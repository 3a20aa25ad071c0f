import type { DispatchState, ReadyTask } from '#domain/plan/decisions/dispatch.js';
import type { Claimant } from '#domain/plan/schedule.js';
import type { PhaseState, PlanState } from '#domain/plan/state.js';
import { TASK_ACTIVE, TASK_ENDED, TASK_STATUSES, type TaskStatus } from '#domain/plan/task.machine.js';
import { membersOf, PHASE, TASK } from './rows.js';
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

interface ReadyRow extends ReadyTask {
  readonly place: number;
  readonly unclaimed: number;
}

interface ReadyAfterRow extends ReadyRow {
  readonly released: boolean;
  readonly leads: boolean;
  readonly dependants: number;
}

/** What can start in a plan, and what of it waits for a worker already. */
export interface Startable {
  readonly ready: readonly ReadyTask[];
  readonly unclaimed: number;
}

/** What can start once some tasks are done. */
export interface StartableAfter {
  readonly ready: readonly ReadyAfter[];
  readonly unclaimed: number;
  /** Whether nothing else can. */
  readonly complete: boolean;
  /** How many tasks wait for some of those that end; null: not known. */
  readonly dependants: number | null;
}

export interface ReadyAfter extends ReadyTask {
  /** It waits for some of them, and for nothing else. */
  readonly released: boolean;
  /** Others wait for it. */
  readonly leads: boolean;
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

/**
 * What can start once these tasks of the plan are done, and nothing else has changed: more than there are slots for, so
 * that it is worth something after the steps that are begun then. Null: too much waits for them.
 *
 * @param asks whether something that needs no slot may be ready already
 */
export async function startableAfter(
  tx: Pick<SqlTx, 'rows'>,
  planId: string,
  taskIds: readonly string[],
  asks = true,
): Promise<StartableAfter | null> {
  const text = asks ? READY_AFTER : READY_AFTER_UNASKED;
  const rows = await tx.rows<ReadyAfterRow>(text, [planId, taskIds.length, taskIds, AHEAD]);
  if (rows.filter(({ released }) => released).length > MOST_RELEASED) return null;
  return {
    ready: inOrder(rows).map(({ task, phase, wait, step, released, leads }) => ({
      ...{ phase, wait, step, released, leads },
      task: { ...task, status: 'ready', openDependencies: 0 },
    })),
    unclaimed: rows[0]?.unclaimed ?? 0,
    complete: rows.length < AHEAD,
    dependants: rows[0]?.dependants ?? null,
  };
}

function startable(rows: readonly ReadyRow[]): Startable {
  return { ready: inOrder(rows), unclaimed: rows[0]?.unclaimed ?? 0 };
}

/** Of place and number; one that asks and waits is found twice. */
function inOrder<R extends ReadyRow>(rows: readonly R[]): R[] {
  const found = new Map(rows.map((row) => [row.task.id, row]));
  return [...found.values()].sort((a, b) => a.place - b.place || a.task.number - b.task.number);
}

const ASKS = `(h.approval IN ('before_task', 'both') AND t.approved_at IS NULL)`;
const KIND = `t.executor->>'kind'`;
const FOR_WORKERS = `${KIND} NOT IN ('wait', 'external')`;

/** Of a task that a worker carries out without a workspace. */
export const IS_STEP = `t.effect = 'none' AND ${FOR_WORKERS} AND t.executor->>'checkout' IS DISTINCT FROM 'true'`;
export const STEP = `jsonb_build_object('prompt', t.prompt, 'executor', t.executor, 'writtenBy', t.written_by)`;

const due = (now: string) => `(t.not_before IS NULL OR t.not_before <= ${now})`;

/** What needs no slot: all of it. */
const ASKING = `
  SELECT t.id, false AS released FROM plan_tasks t JOIN phases h ON h.id = t.phase_id
   WHERE h.plan_id = $1 AND h.status = 'running' AND ${ASKS} AND t.status = 'ready'
  UNION ALL
  SELECT t.id, false FROM plan_tasks t WHERE t.plan_id = $1 AND t.status = 'ready' AND ${KIND} = 'wait'
  UNION ALL
  SELECT t.id, false FROM plan_tasks t
   WHERE t.plan_id = $1 AND t.status = 'ready' AND ${KIND} = 'external' AND t.announced_at IS NULL`;

const working = (now: string, limit: string) => `
  (SELECT t.id, false FROM plan_tasks t JOIN phases h ON h.id = t.phase_id
    WHERE t.plan_id = $1 AND h.status = 'running' AND t.status = 'ready' AND NOT ${ASKS} AND ${due(now)}
      AND ${FOR_WORKERS}
    ORDER BY t.place, t.number LIMIT ${limit})`;

/** Each is looked up by its id: a plan of this statement that began with a phase would read all of its tasks. */
const tasksOf = (chosen: string, now: string, more = '') => `
  SELECT ${membersOf('task', TASK)}, ${membersOf('phase', PHASE)}, t.place${more},
         CASE WHEN ${KIND} = 'wait' THEN t.executor END AS wait,
         CASE WHEN ${IS_STEP} THEN ${STEP} END AS step,
         (SELECT count(*)::int FROM task_attempts WHERE plan_id = $1 AND status = 'queued') AS unclaimed
    FROM (${chosen}) c
   CROSS JOIN LATERAL (SELECT * FROM plan_tasks WHERE id = c.id OFFSET 0) t
   CROSS JOIN LATERAL (SELECT * FROM phases WHERE id = t.phase_id OFFSET 0) h
   WHERE h.status = 'running' AND ${due(now)}`;

const READY = tasksOf(`${ASKING} UNION ALL ${working('$2', '$3')}`, '$2');

/** Tasks that are looked at because they wait for what is about to be done. */
const MOST_RELEASED = 64;

/** Those that wait for the tasks ($3) and for nothing else. */
const RELEASED = `
  (SELECT t.id, true AS released FROM (SELECT task_id, count(*)::int AS met FROM task_dependencies
                            WHERE depends_on_id = ANY($3::uuid[]) GROUP BY task_id) d
    CROSS JOIN LATERAL (SELECT * FROM plan_tasks WHERE id = d.task_id OFFSET 0) t
    WHERE t.plan_id = $1 AND t.status = 'pending' AND t.open_dependencies = d.met LIMIT ${MOST_RELEASED + 1})`;

/** Slots of the plan's window once the tasks ($2 of them) are done. */
const SLOTS_AFTER = `(SELECT greatest(0, p.concurrency - p.active_tasks + $2::int) FROM plans p WHERE p.id = $1)`;

/** Tasks that are looked at beyond those that there are slots for once the steps are done. */
const AHEAD = 64;

const BY_STEPS = `${RELEASED} UNION ALL ${working('clock_timestamp()', `${SLOTS_AFTER} + $4::int`)}`;

const AFTER = `, c.released, EXISTS (SELECT 1 FROM task_dependencies WHERE depends_on_id = c.id) AS leads,
   (SELECT count(DISTINCT task_id)::int FROM task_dependencies WHERE depends_on_id = ANY($3::uuid[])) AS dependants`;

const READY_AFTER_UNASKED = tasksOf(BY_STEPS, 'clock_timestamp()', AFTER);
const READY_AFTER = tasksOf(`${ASKING} UNION ALL ${BY_STEPS}`, 'clock_timestamp()', AFTER);

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
                    AND ${FOR_WORKERS}
                  LIMIT p.concurrency) c) r
   WHERE p.status = 'running' AND p.deleted_at IS NULL AND p.id <> $1
     AND ($3::uuid IS NULL OR p.repository_id = $3::uuid)
     AND p.active_tasks < least(p.concurrency, coalesce(h.concurrency, p.concurrency))
     AND r.free + r.scoped > 0`;
