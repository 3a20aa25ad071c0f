import type { StepPlace } from '#engine/ports/steps.port.js';
import { LockedPlanTx, type LockedPlan, type TxOptions } from './plan-tx.js';
import { PLAN } from './rows.js';
import type { SqlTx } from './sql.js';
import { lookAtSteps, StepsAhead, type StepsLook } from './step-reads.js';

const LOCKED = `
  SELECT ${PLAN}, p.event_seq AS "eventSeq", p.event_hash AS "eventHash", clock_timestamp() AS now,
         (SELECT max_tasks FROM repositories WHERE id = p.repository_id) AS "repositoryLimit"`;

const FROM_PLAN = 'FROM plans p WHERE p.id = $1 AND p.deleted_at IS NULL';

const LOCK = `${LOCKED} ${FROM_PLAN} FOR UPDATE OF p`;

/** Whoever changes anything of a plan that decisions look at writes its row: a new version of it. */
const LOOK = `${LOCKED}, p.xmin::text AS version ${FROM_PLAN}`;

/** Locks the row if it is as it was, and no attempt of another plan waits for a worker that did not wait then. */
const LOCK_AS_SEEN = `
  SELECT expect_rows((SELECT count(*) FROM (SELECT 1 ${FROM_PLAN} AND p.xmin = $2::xid FOR UPDATE OF p) unchanged
                       WHERE $3 OR NOT EXISTS (SELECT 1 FROM task_attempts WHERE status = 'queued' AND plan_id <> $1)),
                     1, 'plan')`;

/** A plan and steps of it that run, as they were at one moment. */
export interface SeenPlan {
  readonly steps: readonly StepPlace[];
  readonly plan: LockedPlan & { readonly version: string };
  readonly look: StepsLook;
  readonly othersQueued: boolean;
}

/**
 * Locks the plan's row and opens the view of it.
 *
 * @param steps what is about to be recorded: read together with the lock
 * @returns null when there is no such plan, or it is hidden
 */
export async function lockPlan(
  tx: SqlTx,
  planId: string,
  options: TxOptions,
  steps: readonly StepPlace[] = [],
): Promise<LockedPlanTx | null> {
  const locked = tx.rows<LockedPlan>(LOCK, [planId]);
  const ahead = steps.length === 0 ? null : new StepsAhead(tx, steps, lookAtSteps(tx, planId, steps));
  const [row] = await locked;
  return row === undefined ? null : new LockedPlanTx(tx, row, options, ahead);
}

/** Reads what the end of these steps will look at. Null: there is no such plan any more. */
export async function seePlan(
  db: Pick<SqlTx, 'rows'>,
  planId: string,
  steps: readonly StepPlace[],
): Promise<SeenPlan | null> {
  // The version first: whatever is newer than it makes it an old one.
  const seen = db.rows<SeenPlan['plan']>(LOOK, [planId]);
  const look = lookAtSteps(db, planId, steps);
  const [plan] = await seen;
  const othersQueued = (await look.others).length > 0;
  await Promise.all([look.rows, look.startable]);
  return plan === undefined ? null : { steps, plan, look, othersQueued };
}

/**
 * Opens the view of a plan as it was seen. The lock is asked for with the first write, and is refused when the plan has
 * changed.
 *
 * @param elapsedMs since it was seen
 */
export function lockAsSeen(
  tx: SqlTx,
  { steps, plan, look, othersQueued }: SeenPlan,
  options: TxOptions,
  elapsedMs: number,
): LockedPlanTx {
  const { version, ...row } = plan;
  tx.send(LOCK_AS_SEEN, [row.id, version, othersQueued]);
  const now = new Date(row.now.getTime() + Math.floor(elapsedMs));
  return new LockedPlanTx(tx, { ...row, now }, options, new StepsAhead(tx, steps, look));
}
