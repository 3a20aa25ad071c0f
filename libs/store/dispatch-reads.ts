import type { DispatchState, ReadyStep, ReadyTask, WaitTerms } from '#domain/plan/decisions/dispatch.js';
import type { Claimant } from '#domain/plan/schedule.js';
import type { PhaseState, PlanState, TaskState } from '#domain/plan/state.js';
import { TASK_ACTIVE, TASK_ENDED, TASK_STATUSES, type TaskStatus } from '#domain/plan/task.machine.js';
import { PHASE, TASK } from './rows.js';
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

type ReadyRow = TaskState & { readonly wait: WaitTerms | null; readonly step: ReadyStep | null };

/** See the port. Costs what is active and what can start, not what the plan holds. */
export async function dispatchState(
  tx: SqlTx,
  plan: PlanState,
  now: Date,
  limits: SharedLimits,
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
  const [phases, askers, workers, waiting, stuck] = await Promise.all([
    tx.rows<PhaseState>(`SELECT ${PHASE} FROM phases h WHERE h.plan_id = $1 AND h.status = 'running'`, [
      plan.id,
    ]),
    tx.rows<ReadyRow>(ASKERS, [plan.id, now]),
    slots === 0 ? [] : tx.rows<ReadyRow>(WORKERS, [plan.id, now, slots + LOOK_AHEAD]),
    slots === 0 ? [] : tx.rows<{ count: number }>(UNCLAIMED, [plan.id]),
    tx.rows<PhaseState>(STUCK, [plan.id, GOES_ON]),
  ]);
  const phaseOf = new Map(phases.map((phase) => [phase.id, phase]));
  const ready = [...askers, ...workers].flatMap(({ wait, step, ...task }): ReadyTask[] => {
    const phase = phaseOf.get(task.phaseId);
    return phase === undefined ? [] : [{ task, phase, wait, step }];
  });
  return {
    ...nothing,
    ready,
    activeScopes: workers.some(({ writeScope }) => writeScope.length > 0)
      ? await activeScopes(tx, plan.id)
      : [],
    unclaimed: waiting[0]?.count ?? 0,
    stuckPhase: stuck[0] ?? null,
    ...(workers.length === 0 ? {} : await sharedSlots(tx, plan, now, limits)),
  };
}

const DUE = `(t.not_before IS NULL OR t.not_before <= $2)`;
const ASKS = `(h.approval IN ('before_task', 'both') AND t.approved_at IS NULL)`;
const WAIT = `CASE WHEN t.executor->>'kind' = 'wait' THEN t.executor END AS wait, NULL::jsonb AS step`;

const ASKERS = `
  SELECT ${TASK}, ${WAIT} FROM plan_tasks t JOIN phases h ON h.id = t.phase_id
   WHERE h.plan_id = $1 AND h.status = 'running' AND ${ASKS} AND t.status = 'ready' AND ${DUE}
  UNION ALL
  SELECT ${TASK}, ${WAIT} FROM plan_tasks t JOIN phases h ON h.id = t.phase_id
   WHERE t.plan_id = $1 AND h.status = 'running' AND NOT ${ASKS} AND t.status = 'ready'
     AND t.executor->>'kind' = 'wait' AND ${DUE}
  UNION ALL
  SELECT ${TASK}, ${WAIT} FROM plan_tasks t JOIN phases h ON h.id = t.phase_id
   WHERE t.plan_id = $1 AND h.status = 'running' AND NOT ${ASKS} AND t.status = 'ready'
     AND t.executor->>'kind' = 'external' AND t.announced_at IS NULL AND ${DUE}`;

const WORKERS = `
  SELECT ${TASK}, NULL::jsonb AS wait,
         CASE WHEN t.effect = 'none' AND t.executor->>'checkout' IS DISTINCT FROM 'true' THEN jsonb_build_object('prompt', t.prompt, 'executor', t.executor) END AS step
    FROM plan_tasks t JOIN phases h ON h.id = t.phase_id
   WHERE t.plan_id = $1 AND h.status = 'running' AND t.status = 'ready' AND NOT ${ASKS} AND ${DUE}
     AND t.executor->>'kind' NOT IN ('wait', 'external')
   ORDER BY t.place, t.number LIMIT $3`;

const UNCLAIMED = `SELECT count(*)::int AS count FROM task_attempts WHERE plan_id = $1 AND status = 'queued'`;

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
                  WHERE t.plan_id = p.id AND t.phase_id = h.id AND t.status = 'ready' AND NOT ${ASKS} AND ${DUE}
                    AND t.executor->>'kind' NOT IN ('wait', 'external')
                  LIMIT p.concurrency) c) r
   WHERE p.status = 'running' AND p.deleted_at IS NULL AND p.id <> $1
     AND ($3::uuid IS NULL OR p.repository_id = $3::uuid)
     AND p.active_tasks < least(p.concurrency, coalesce(h.concurrency, p.concurrency))
     AND r.free + r.scoped > 0`;
