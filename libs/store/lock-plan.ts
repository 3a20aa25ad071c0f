import type { StepPlace } from '#engine/ports/steps.port.js';
import { LockedPlanTx, type TxOptions } from './plan-tx.js';
import { PLAN } from './rows.js';
import type { LockedPlan, SeenPlan } from './seen-plan.js';
import type { SqlTx } from './sql.js';
import { lookAtSteps } from './step-reads.js';

const LOCKED = `
  SELECT ${PLAN}, p.event_seq AS "eventSeq", p.event_hash AS "eventHash", clock_timestamp() AS now,
         (SELECT max_tasks FROM repositories WHERE id = p.repository_id) AS "repositoryLimit"`;

const FROM_PLAN = 'FROM plans p WHERE p.id = $1 AND p.deleted_at IS NULL';

/** The row's version after this transaction, if that writes it. */
const OWN_VERSION = 'pg_current_xact_id()::xid::text AS version';

/** Says that its rows may be written in this transaction, so that nobody asks for each whether the plan is archived. */
const opens = (planId: string) => `set_config('planwright.open_plan', ${planId}, true)`;

const LOCK = `
  ${LOCKED}, ${OWN_VERSION}, ${opens(`CASE WHEN p.status = 'archived' THEN '' ELSE p.id::text END`)} AS opened
  ${FROM_PLAN} FOR UPDATE OF p`;

/** Whoever changes anything of a plan that decisions look at writes its row: a new version of it. */
const LOOK = `${LOCKED}, p.xmin::text AS version ${FROM_PLAN}`;

/**
 * Locks the row if it is as it was, and no attempt of another plan waits for a worker that did not wait then. Steps of it
 * run: it is not archived.
 */
const LOCK_AS_SEEN = `
  SELECT expect_rows((SELECT count(*) FROM (SELECT 1 ${FROM_PLAN} AND p.xmin = $2::xid FOR UPDATE OF p) unchanged
                       WHERE $3 OR NOT EXISTS (SELECT 1 FROM task_attempts WHERE status = 'queued' AND plan_id <> $1)),
                     1, 'plan'), ${OWN_VERSION}, ${opens('$1::uuid::text')}`;

type VersionedPlan = LockedPlan & { readonly version: string };
type OpenedPlan = VersionedPlan & { readonly opened: string };

/** A plan that is locked, and the version that its row gets if this transaction writes it. */
export interface OpenPlan {
  readonly tx: LockedPlanTx;
  readonly version: Promise<string>;
}

/**
 * Locks the plan's row and opens the view of it.
 *
 * @param steps what is about to be recorded: read together with the lock; null: this has nothing to do with steps
 * @returns null when there is no such plan, or it is hidden
 */
export async function lockPlan(
  tx: SqlTx,
  planId: string,
  options: TxOptions,
  steps: readonly StepPlace[] | null,
): Promise<OpenPlan | null> {
  const locked = tx.rows<OpenedPlan>(LOCK, [planId]);
  const looking = steps === null ? null : lookAtSteps(tx, planId, steps);
  const [[row], look] = await Promise.all([locked, looking]);
  if (row === undefined) return null;
  const { version, opened: _, ...plan } = row;
  const ahead = look && { steps: steps ?? [], look };
  return {
    tx: new LockedPlanTx(tx, { plan, clockReadAt: performance.now(), ahead }, options),
    version: Promise.resolve(version),
  };
}

/** Reads what the end of these steps will look at. Null: there is no such plan any more. */
export async function seePlan(
  db: Pick<SqlTx, 'rows'>,
  planId: string,
  places: readonly StepPlace[],
): Promise<SeenPlan | null> {
  // The version first: whatever is newer than it makes it an old one.
  const [[row], steps] = await Promise.all([
    db.rows<VersionedPlan>(LOOK, [planId]),
    lookAtSteps(db, planId, places),
  ]);
  if (row === undefined) return null;
  const { version, ...plan } = row;
  return { plan, version, clockReadAt: performance.now(), steps };
}

/**
 * Opens the view of a plan as it was seen. The lock is asked for with the first write, and is refused when the plan has
 * changed.
 */
export function lockAsSeen(
  tx: SqlTx,
  { plan, version, clockReadAt, steps: look }: SeenPlan,
  steps: readonly StepPlace[],
  options: TxOptions,
): OpenPlan {
  const locked = tx.rows<{ version: string }>(LOCK_AS_SEEN, [plan.id, version, look.othersQueued]);
  const ahead = { steps, look };
  const own = locked.then(([row]) => row?.version ?? '');
  own.catch(() => undefined);
  return { tx: new LockedPlanTx(tx, { plan, clockReadAt, ahead }, options), version: own };
}
