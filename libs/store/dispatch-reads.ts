import type { DispatchState, ReadyStep, ReadyTask, WaitTerms } from '#domain/plan/decisions/dispatch.js';
import type { Claimant } from '#domain/plan/schedule.js';
import type { PhaseState, PlanState, TaskState } from '#domain/plan/state.js';
import { TASK_ACTIVE, TASK_ENDED, TASK_STATUSES, type TaskStatus } from '#domain/plan/task.machine.js';
import { part, PHASE, prefixed, TASK } from './rows.js';
import type { SqlTx } from './sql.js';

/** Ready tasks looked at beyond the free slots, so that overlapping write scopes do not leave slots empty. */
const LOOK_AHEAD = 32;
/** Held to the end of the transaction by every dispatch under a limit. */
const LIMIT_LOCK = 7_264_091;

/** Maxima of active tasks that the plan shares with others. */
export interface SharedLimits {
  readonly installation: number | null;
  readonly repository: number | null;
}

type ReadyRow = Readonly<Record<string, unknown>>;

/** What can start in a plan, and what of it waits for a worker already. */
export interface Startable {
  readonly ready: readonly ReadyTask[];
  readonly unclaimed: number;
}

/** See the port. Costs what is active and what can start, not what the plan holds. */
export async function dispatchState(
  tx: SqlTx,
  plan: PlanState,
  now: Date,
  limits: SharedLimits,
  ahead: Startable | null,
): Promise<DispatchState> {
  const nothing = {
    plan,
    now,
    ready: [],
    activeScopes: [],
    unclaimed: 0,
    stuckPhase: null,
    limit: null,
    rivals: [],
  };
  if (plan.status !== 'running') return nothing;
  const slots = Math.max(0, plan.concurrency - plan.activeTasks);
  const { ready, unclaimed, scopes } =
    ahead === null ? await readyWithin(tx, plan, now, slots) : { ...ahead, scopes: [] };
  // What is active, or can start, keeps its phase going.
  const stuck =
    plan.activeTasks > 0 || ready.length > 0 ? [] : await tx.rows<PhaseState>(STUCK, [plan.id, GOES_ON]);
  const forWorkers = ready.some(({ task, wait }) => wait === null && task.executorKind !== 'external');
  return {
    ...nothing,
    ready,
    activeScopes: scopes,
    unclaimed,
    stuckPhase: stuck[0] ?? null,
    ...(forWorkers ? await sharedSlots(tx, plan, now, limits) : {}),
  };
}

/** Where write scopes may overlap, more is looked at than there are slots, so that none stays empty. */
async function readyWithin(
  tx: SqlTx,
  plan: PlanState,
  now: Date,
  slots: number,
): Promise<Startable & { readonly scopes: string[][] }> {
  const found = startable(await tx.rows<ReadyRow>(READY, [plan.id, now, slots]));
  if (!found.ready.some(({ task }) => task.writeScope.length > 0)) return { ...found, scopes: [] };
  const [rows, scopes] = await Promise.all([
    tx.rows<ReadyRow>(READY, [plan.id, now, slots + LOOK_AHEAD]),
    activeScopes(tx, plan.id),
  ]);
  return { ...startable(rows), scopes };
}

/** What can start once these tasks of the plan are done, and nothing else has changed. */
export async function startableAfter(
  tx: SqlTx,
  planId: string,
  taskIds: readonly string[],
): Promise<Startable> {
  const rows = await tx.rows<ReadyRow>(READY_AFTER, [planId, taskIds, taskIds.length]);
  const inOrder = rows.sort((a, b) => Number(a['place']) - Number(b['place']));
  const { ready, unclaimed } = startable(inOrder);
  return {
    ready: ready.map((entry) => ({
      ...entry,
      task: { ...entry.task, status: 'ready', openDependencies: 0 },
    })),
    unclaimed,
  };
}

function startable(rows: readonly ReadyRow[]): Startable {
  const ready = rows.map((row): ReadyTask => ({
    task: part<TaskState>(row, 'task.'),
    phase: part<PhaseState>(row, 'phase.'),
    wait: row['wait'] as WaitTerms | null,
    step: row['step'] as ReadyStep | null,
  }));
  return { ready, unclaimed: (rows[0]?.['unclaimed'] as number | undefined) ?? 0 };
}

const UNCLAIMED = `(SELECT count(*)::int FROM task_attempts WHERE plan_id = $1 AND status = 'queued') AS unclaimed`;
const PARTS = `${prefixed('task.', TASK)}, ${prefixed('phase.', PHASE)}, ${UNCLAIMED}, t.place`;
const ASKS = `(h.approval IN ('before_task', 'both') AND t.approved_at IS NULL)`;
const KIND = `t.executor->>'kind'`;
const WAIT = `CASE WHEN ${KIND} = 'wait' THEN t.executor END AS wait`;
const STEP = `CASE WHEN t.effect = 'none' AND ${KIND} NOT IN ('wait', 'external')
                    AND t.executor->>'checkout' IS DISTINCT FROM 'true'
                   THEN jsonb_build_object('prompt', t.prompt, 'executor', t.executor) END AS step`;

const due = (now: string) => `(t.not_before IS NULL OR t.not_before <= ${now})`;

/** What needs no slot: all of it is read. */
const asking = (now: string) => `
  SELECT ${PARTS}, ${WAIT}, NULL::jsonb AS step FROM plan_tasks t JOIN phases h ON h.id = t.phase_id
   WHERE h.plan_id = $1 AND h.status = 'running' AND ${ASKS} AND t.status = 'ready' AND ${due(now)}
  UNION ALL
  SELECT ${PARTS}, ${WAIT}, NULL::jsonb AS step FROM plan_tasks t JOIN phases h ON h.id = t.phase_id
   WHERE t.plan_id = $1 AND h.status = 'running' AND NOT ${ASKS} AND t.status = 'ready'
     AND ${KIND} = 'wait' AND ${due(now)}
  UNION ALL
  SELECT ${PARTS}, ${WAIT}, NULL::jsonb AS step FROM plan_tasks t JOIN phases h ON h.id = t.phase_id
   WHERE t.plan_id = $1 AND h.status = 'running' AND NOT ${ASKS} AND t.status = 'ready'
     AND ${KIND} = 'external' AND t.announced_at IS NULL AND ${due(now)}`;

const working = (now: string, limit: string) => `
  (SELECT ${PARTS}, ${WAIT}, ${STEP} FROM plan_tasks t JOIN phases h ON h.id = t.phase_id
    WHERE t.plan_id = $1 AND h.status = 'running' AND t.status = 'ready' AND NOT ${ASKS} AND ${due(now)}
      AND ${KIND} NOT IN ('wait', 'external')
    ORDER BY t.place, t.number LIMIT ${limit})`;

const READY = `${asking('$2')} UNION ALL ${working('$2', '$3')}`;

/**
 * Those that wait for the tasks ($2) and for nothing else, and need a worker or not. Each is looked up by its id: a plan
 * of this statement that began with the phase would read all of its tasks.
 */
const releasedBy = (which: string) => `
  SELECT ${PARTS}, ${WAIT}, ${STEP}
    FROM (SELECT task_id, count(*)::int AS met FROM task_dependencies
           WHERE depends_on_id = ANY($2::uuid[]) GROUP BY task_id) d
   CROSS JOIN LATERAL (SELECT * FROM plan_tasks WHERE id = d.task_id OFFSET 0) t
   CROSS JOIN LATERAL (SELECT * FROM phases WHERE id = t.phase_id OFFSET 0) h
   WHERE t.status = 'pending' AND t.open_dependencies = d.met AND h.status = 'running'
     AND ${due('clock_timestamp()')} AND ${which} (${ASKS} OR ${KIND} IN ('wait', 'external'))`;

/** Slots of the plan's window once the tasks ($3 of them) are done. */
const SLOTS_AFTER = `(SELECT greatest(0, p.concurrency - p.active_tasks + $3::int) FROM plans p WHERE p.id = $1)`;

const READY_AFTER = `${asking('clock_timestamp()')}
  UNION ALL ${releasedBy('')}
  UNION ALL ${working('clock_timestamp()', SLOTS_AFTER)}
  UNION ALL (${releasedBy('NOT')} ORDER BY t.place, t.number LIMIT ${SLOTS_AFTER})`;

async function activeScopes(tx: SqlTx, planId: string): Promise<string[][]> {
  const rows = await tx.rows<{ scope: string[] }>(
    `SELECT write_scope AS scope FROM plan_tasks WHERE plan_id = $1 AND status = ANY($2) AND write_scope <> '[]'`,
    [planId, TASK_ACTIVE],
  );
  return rows.map(({ scope }) => scope);
}

/** A phase is stuck when all of its tasks are in these. */
const HELD_UP: readonly TaskStatus[] = ['pending', 'blocked', 'cancelled', ...TASK_ENDED];
const GOES_ON = TASK_STATUSES.filter((status) => !HELD_UP.includes(status));

/** Only the tasks of the running phase are in those statuses: phases are barriers. */
const STUCK = `
  SELECT ${PHASE} FROM phases h
   WHERE h.plan_id = $1 AND h.status = 'running'
     AND NOT EXISTS (SELECT 1 FROM plan_tasks t WHERE t.plan_id = $1 AND t.status = ANY($2::text[]))`;

/** What is free under the tighter of the limits, and who else could use it. */
async function sharedSlots(
  tx: SqlTx,
  plan: PlanState,
  now: Date,
  limits: SharedLimits,
): Promise<Pick<DispatchState, 'limit' | 'rivals'>> {
  if (limits.installation === null && limits.repository === null) return { limit: null, rivals: [] };
  tx.send('SELECT pg_advisory_xact_lock($1)', [LIMIT_LOCK]);
  const [used] = await tx.rows<{ all: number; own: number }>(USED, [plan.repositoryId, plan.id]);
  const free = (limit: number | null, taken: number | undefined) =>
    limit === null ? Infinity : Math.max(0, limit - (taken ?? 0) - plan.activeTasks);
  const everywhere = free(limits.installation, used?.all);
  const here = free(limits.repository, used?.own);
  const within = here <= everywhere ? plan.repositoryId : null;
  const rivals = await tx.rows<Claimant>(RIVALS, [plan.id, now, within, TASK_ACTIVE]);
  return { limit: Math.min(everywhere, here), rivals };
}

/** Of the other plans: this one's row is written at the end of its transaction. */
const USED = `
  SELECT coalesce(sum(active_tasks), 0)::int AS all,
         coalesce(sum(active_tasks) FILTER (WHERE repository_id = $1), 0)::int AS own
    FROM plans WHERE active_tasks > 0 AND id <> $2`;

const RIVALS = `
  SELECT p.id, p.priority, p.active_tasks AS active,
         least(least(p.concurrency, coalesce(h.concurrency, p.concurrency)) - p.active_tasks,
               r.free + r.scoped)::int AS wants
    FROM plans p
    JOIN phases h ON h.plan_id = p.id AND h.status = 'running'
   CROSS JOIN LATERAL (
         SELECT count(*) FILTER (WHERE c.write_scope = '[]') AS free,
                CASE WHEN EXISTS (SELECT 1 FROM plan_tasks o WHERE o.plan_id = p.id AND o.status = ANY($4)
                                     AND o.write_scope <> '[]')
                     THEN 0 ELSE least(1, count(*) FILTER (WHERE c.write_scope <> '[]')) END AS scoped
           FROM (SELECT t.write_scope FROM plan_tasks t
                  WHERE t.plan_id = p.id AND t.phase_id = h.id AND t.status = 'ready' AND NOT ${ASKS} AND ${due('$2')}
                    AND t.executor->>'kind' NOT IN ('wait', 'external')
                  LIMIT p.concurrency) c) r
   WHERE p.status = 'running' AND p.deleted_at IS NULL AND p.id <> $1
     AND ($3::uuid IS NULL OR p.repository_id = $3::uuid)
     AND p.active_tasks < least(p.concurrency, coalesce(h.concurrency, p.concurrency))
     AND r.free + r.scoped > 0`;
