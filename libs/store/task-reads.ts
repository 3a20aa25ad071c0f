import type { DispatchState } from '#domain/plan/decisions/dispatch.js';
import type { LaneWaiter, TaskSlice } from '#domain/plan/decisions/settle.js';
import { INTEGRATION_IN_LANE } from '#domain/plan/integration.machine.js';
import type { Failure } from '#domain/plan/retry.js';
import type {
  AttemptState,
  IntegrationState,
  PhaseState,
  PlanState,
  QueuedTask,
  RunState,
  TaskState,
} from '#domain/plan/state.js';
import { TASK_ACTIVE } from '#domain/plan/task.machine.js';
import type { Verdict, Violation } from '#domain/spec/verdict.js';
import type { ExecutorConfig } from '#engine/ports/agent.port.js';
import type { WorkspaceSetup } from '#engine/ports/setup.port.js';
import type { Leased, TaskBrief } from '#engine/ports/store.port.js';
import { ATTEMPT, INTEGRATION, PHASE, RUN, TASK } from './rows.js';
import type { SqlTx } from './sql.js';

/** What decisions look at, read under the plan's lock. Independent statements are sent together. */

/** Ready tasks looked at beyond the free slots, so that overlapping write scopes do not leave slots empty. */
const LOOK_AHEAD = 32;
const MAX_INT4 = 2_147_483_647;

async function first<T>(tx: SqlTx, text: string, values: readonly unknown[]): Promise<T | null> {
  return (await tx.rows<T>(text, values))[0] ?? null;
}

export function firstPhase(tx: SqlTx, planId: string): Promise<PhaseState | null> {
  return first(tx, `SELECT ${PHASE} FROM phases h WHERE h.plan_id = $1 ORDER BY h.position LIMIT 1`, [
    planId,
  ]);
}

export function emptyPhase(tx: SqlTx, planId: string): Promise<PhaseState | null> {
  return first(
    tx,
    `SELECT ${PHASE} FROM phases h WHERE h.plan_id = $1 AND h.open_tasks = 0 ORDER BY h.position LIMIT 1`,
    [planId],
  );
}

export async function task(tx: SqlTx, taskId: string): Promise<TaskState> {
  const row = await first<TaskState>(tx, `SELECT ${TASK} FROM plan_tasks t WHERE t.id = $1`, [taskId]);
  if (row === null) throw new Error(`there is no task ${taskId}`);
  return row;
}

export async function taskByNumber(tx: SqlTx, planId: string, number: number): Promise<TaskState | null> {
  if (number > MAX_INT4) return null;
  return first(tx, `SELECT ${TASK} FROM plan_tasks t WHERE t.plan_id = $1 AND t.number = $2`, [
    planId,
    number,
  ]);
}

/** Those below are rows of the plan's epoch: what belongs to an old one is as if it were gone. */
export function attempt(
  tx: SqlTx,
  { id: planId, epoch }: PlanState,
  id: string,
): Promise<AttemptState | null> {
  const text = `SELECT ${ATTEMPT} FROM task_attempts a WHERE a.id = $1 AND a.plan_id = $2 AND a.epoch = $3`;
  return first(tx, text, [id, planId, epoch]);
}

export function run(tx: SqlTx, { id: planId, epoch }: PlanState, id: string): Promise<RunState | null> {
  const text = `SELECT ${RUN} FROM verification_runs r WHERE r.id = $1 AND r.plan_id = $2 AND r.epoch = $3`;
  return first(tx, text, [id, planId, epoch]);
}

export function integration(
  tx: SqlTx,
  { id: planId, epoch }: PlanState,
  id: string,
): Promise<IntegrationState | null> {
  const text = `SELECT ${INTEGRATION} FROM integrations i WHERE i.id = $1 AND i.plan_id = $2 AND i.epoch = $3`;
  return first(tx, text, [id, planId, epoch]);
}

interface BriefRow {
  readonly prompt: string;
  readonly executor: ExecutorConfig;
  readonly mayChange: readonly string[];
  readonly specYaml: string | null;
  readonly specHash: string | null;
  readonly setup: WorkspaceSetup | null;
}

interface LastRow {
  readonly status: string;
  readonly violations: readonly Violation[] | null;
  readonly diff: string | null;
  readonly conflict: string | null;
}

export async function brief(tx: SqlTx, plan: PlanState, taskId: string): Promise<TaskBrief> {
  const [row, last] = await Promise.all([
    first<BriefRow>(
      tx,
      `SELECT t.prompt, t.executor, t.may_change AS "mayChange", s.spec_yaml AS "specYaml", s.hash AS "specHash",
              coalesce(p.setup, o.setup) AS setup
         FROM plan_tasks t JOIN plans p ON p.id = t.plan_id JOIN repositories o ON o.id = p.repository_id
              LEFT JOIN plan_specs s ON s.id = t.spec_id WHERE t.id = $1`,
      [taskId],
    ),
    first<LastRow>(
      tx,
      `SELECT a.status,
              (SELECT r.verdict->'violations' FROM verification_runs r
                WHERE r.attempt_id = a.id AND r.status = 'failed' ORDER BY r.created_at DESC LIMIT 1) AS violations,
              (SELECT string_agg(coalesce(d.diff_text, ''), '' ORDER BY d.file_path)
                 FROM code_snapshots c JOIN code_diffs d ON d.snapshot_id = c.id
                WHERE c.attempt_id = a.id AND c.kind = 'candidate') AS diff,
              (SELECT i.message FROM integrations i WHERE i.attempt_id = a.id) AS conflict
         FROM task_attempts a WHERE a.task_id = $1 AND a.status IN ('rejected', 'conflicted')
        ORDER BY a.number DESC LIMIT 1`,
      [taskId],
    ),
  ]);
  if (row === null) throw new Error(`there is no task ${taskId}`);
  const diff = last?.diff ?? '';
  const conflict = last?.status === 'conflicted' ? (last.conflict ?? '') : '';
  return {
    ...row,
    planName: plan.name,
    lastViolations: last?.violations ?? [],
    lastDiff: conflict === '' ? diff : `${diff}\n${conflict}`,
  };
}

export async function slice(tx: SqlTx, plan: PlanState, taskId: string): Promise<TaskSlice> {
  const [own, phase, failures, next, others] = await Promise.all([
    task(tx, taskId),
    first<PhaseState>(
      tx,
      `SELECT ${PHASE} FROM phases h JOIN plan_tasks t ON t.phase_id = h.id WHERE t.id = $1`,
      [taskId],
    ),
    tx.rows<{ failure: Failure }>(
      `SELECT a.failure FROM task_attempts a JOIN plan_tasks t ON t.id = a.task_id
        WHERE a.task_id = $1 AND a.failure IS NOT NULL AND a.number > t.retry_base ORDER BY a.number`,
      [taskId],
    ),
    first<PhaseState>(
      tx,
      `SELECT ${PHASE} FROM phases h
        WHERE h.plan_id = $2 AND h.status = 'pending'
          AND h.position > (SELECT o.position FROM phases o JOIN plan_tasks t ON t.phase_id = o.id WHERE t.id = $1)
        ORDER BY h.position LIMIT 1`,
      [taskId, plan.id],
    ),
    queued(tx, plan.id, taskId),
  ]);
  if (phase === null) throw new Error(`there is no phase of task ${taskId}`);
  return {
    plan,
    phase,
    task: own,
    failures: failures.map(({ failure }) => failure),
    queued: others,
    nextPhase: next,
  };
}

export async function lane(
  tx: SqlTx,
  plan: PlanState,
): Promise<{ readonly holder: string | null; readonly next: LaneWaiter | null }> {
  const [holder, next] = await Promise.all([
    first<{ id: string }>(tx, `SELECT id FROM integrations WHERE plan_id = $1 AND status = ANY($2)`, [
      plan.id,
      INTEGRATION_IN_LANE,
    ]),
    first<LaneWaiter>(
      tx,
      `SELECT id, deliveries FROM integrations
        WHERE plan_id = $1 AND status = 'queued' AND epoch = $2 ORDER BY position LIMIT 1`,
      [plan.id, plan.epoch],
    ),
  ]);
  return { holder: holder?.id ?? null, next };
}

const LEASED_TABLES: { readonly [E in Leased['entity']]: string } = {
  attempt: 'task_attempts',
  run: 'verification_runs',
  integration: 'integrations',
};

export async function leaseExpired(
  tx: SqlTx,
  { entity, id }: Omit<Leased, 'token'>,
  now: Date,
): Promise<boolean> {
  const text = `SELECT 1 FROM ${LEASED_TABLES[entity]} WHERE id = $1 AND lease_until < $2`;
  return (await tx.rows(text, [id, now])).length > 0;
}

/** The verdict that let the attempt pass. */
export async function passingVerdict(tx: SqlTx, attemptId: string): Promise<Verdict | null> {
  const row = await first<{ verdict: Verdict }>(
    tx,
    `SELECT verdict FROM verification_runs WHERE attempt_id = $1 AND status = 'passed'
      ORDER BY finished_at DESC LIMIT 1`,
    [attemptId],
  );
  return row?.verdict ?? null;
}

export async function dispatchState(tx: SqlTx, plan: PlanState, now: Date): Promise<DispatchState> {
  const slots = plan.concurrency - plan.activeTasks;
  if (plan.status !== 'running' || slots <= 0) return { plan, ready: [], activeScopes: [] };
  const [ready, phases, active] = await Promise.all([
    // Ready tasks belong to one running phase: its order is theirs.
    tx.rows<TaskState>(
      `SELECT ${TASK} FROM plan_tasks t
        WHERE t.plan_id = $1 AND t.status = 'ready' AND (t.not_before IS NULL OR t.not_before <= $2)
        ORDER BY t.place, t.number LIMIT $3`,
      [plan.id, now, slots + LOOK_AHEAD],
    ),
    tx.rows<PhaseState>(`SELECT ${PHASE} FROM phases h WHERE h.plan_id = $1 AND h.status = 'running'`, [
      plan.id,
    ]),
    tx.rows<{ scope: string[] }>(
      `SELECT write_scope AS scope FROM plan_tasks
        WHERE plan_id = $1 AND status = ANY($2) AND write_scope <> '[]'`,
      [plan.id, TASK_ACTIVE],
    ),
  ]);
  const phaseOf = new Map(phases.map((phase) => [phase.id, phase]));
  return {
    plan,
    ready: ready.flatMap((each) => {
      const phase = phaseOf.get(each.phaseId);
      return phase === undefined ? [] : [{ task: each, phase }];
    }),
    activeScopes: active.map(({ scope }) => scope),
  };
}

export function failedTasks(tx: SqlTx, planId: string): Promise<TaskState[]> {
  return tx.rows(
    `SELECT ${TASK} FROM plan_tasks t WHERE t.plan_id = $1 AND t.status = 'failed' ORDER BY t.number`,
    [planId],
  );
}

/** @param exceptTaskId leaves this one out */
export async function queued(tx: SqlTx, planId: string, exceptTaskId: string | null): Promise<QueuedTask[]> {
  const where = `a.plan_id = $1 AND a.status = 'queued' AND ($2::uuid IS NULL OR a.task_id <> $2::uuid)`;
  const [attempts, tasks] = await Promise.all([
    tx.rows<AttemptState>(`SELECT ${ATTEMPT} FROM task_attempts a WHERE ${where}`, [planId, exceptTaskId]),
    tx.rows<TaskState>(
      `SELECT ${TASK} FROM plan_tasks t JOIN task_attempts a ON a.task_id = t.id WHERE ${where}`,
      [planId, exceptTaskId],
    ),
  ]);
  const taskOf = new Map(tasks.map((each) => [each.id, each]));
  return attempts.flatMap((each) => {
    const own = taskOf.get(each.taskId);
    return own === undefined ? [] : [{ attempt: each, task: own }];
  });
}
