import type { LaneWaiter, TaskSlice } from '#domain/plan/decisions/settle.js';
import { INTEGRATION_IN_LANE } from '#domain/plan/integration.machine.js';
import type { PhaseApproval } from '#domain/plan/phase.machine.js';
import type { Failure } from '#domain/plan/retry.js';
import type {
  AttemptState,
  IntegrationState,
  PhaseState,
  PlanState,
  QueuedTask,
  RunState,
  TaskState,
  WrittenBy,
} from '#domain/plan/state.js';
import type { PinnedProfile } from '#domain/profile/profile.js';
import type { Verdict, Violation } from '#domain/spec/verdict.js';
import type { Answer, ExecutorConfig } from '#engine/ports/agent.port.js';
import type { WorkspaceSetup } from '#engine/ports/setup.port.js';
import type { Leased, TaskBrief } from '#engine/ports/store.port.js';
import { ATTEMPT, INTEGRATION, PHASE, RUN, TASK } from './rows.js';
import type { SqlTx } from './sql.js';

/** What decisions look at, read under the plan's lock. Independent statements are sent together. */

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

/** See the port. */
export async function phase(
  tx: SqlTx,
  planId: string,
  phaseId: string,
): Promise<{ readonly phase: PhaseState; readonly nextPhase: PhaseState | null } | null> {
  const [own, next] = await Promise.all([
    first<PhaseState>(tx, `SELECT ${PHASE} FROM phases h WHERE h.plan_id = $1 AND h.id = $2`, [
      planId,
      phaseId,
    ]),
    first<PhaseState>(
      tx,
      `SELECT ${PHASE} FROM phases h
        WHERE h.plan_id = $1 AND h.status = 'pending'
          AND h.position > (SELECT o.position FROM phases o WHERE o.id = $2)
        ORDER BY h.position LIMIT 1`,
      [planId, phaseId],
    ),
  ]);
  return own === null ? null : { phase: own, nextPhase: next };
}

/** See the port. */
export function phaseToOpen(tx: SqlTx, planId: string): Promise<PhaseState | null> {
  return first(
    tx,
    `SELECT ${PHASE} FROM phases h
      WHERE h.plan_id = $1 AND h.status = 'pending'
        AND NOT EXISTS (SELECT 1 FROM phases o
                         WHERE o.plan_id = $1 AND o.status IN ('running', 'awaiting_approval'))
      ORDER BY h.position LIMIT 1`,
    [planId],
  );
}

/** See the port. */
export async function latestAttempt(
  tx: SqlTx,
  taskId: string,
): Promise<{ readonly attempt: AttemptState; readonly integration: IntegrationState | null } | null> {
  const [own, lastIntegration] = await Promise.all([
    first<AttemptState>(
      tx,
      `SELECT ${ATTEMPT} FROM task_attempts a WHERE a.task_id = $1 ORDER BY a.number DESC LIMIT 1`,
      [taskId],
    ),
    first<IntegrationState>(
      tx,
      `SELECT ${INTEGRATION} FROM integrations i
        WHERE i.attempt_id = (SELECT id FROM task_attempts WHERE task_id = $1 ORDER BY number DESC LIMIT 1)`,
      [taskId],
    ),
  ]);
  return own === null ? null : { attempt: own, integration: lastIntegration };
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
  readonly writtenBy: WrittenBy;
  readonly profile: string | null;
  readonly needs: readonly string[];
  readonly pinned: PinnedProfile | null;
  readonly mayChange: readonly string[];
  readonly writes: readonly string[];
  readonly supersedes: readonly string[];
  readonly specYaml: string | null;
  readonly specHash: string | null;
  readonly approval: PhaseApproval;
  readonly setup: WorkspaceSetup | null;
}

interface LastRow {
  readonly status: string;
  readonly violations: readonly Violation[] | null;
  readonly diff: string | null;
  readonly conflict: string | null;
}

export async function brief(tx: SqlTx, plan: PlanState, taskId: string): Promise<TaskBrief> {
  const [row, last, answers] = await Promise.all([
    first<BriefRow>(
      tx,
      `SELECT t.prompt, t.executor, t.written_by AS "writtenBy", t.may_change AS "mayChange", t.write_scope AS writes, t.supersedes,
              s.spec_yaml AS "specYaml", s.hash AS "specHash", h.approval, coalesce(p.setup, o.setup) AS setup, t.profile, t.needs,
              (SELECT a.profile FROM task_attempts a WHERE a.task_id = t.id ORDER BY a.number DESC LIMIT 1) AS pinned
         FROM plan_tasks t JOIN phases h ON h.id = t.phase_id JOIN plans p ON p.id = t.plan_id
         JOIN repositories o ON o.id = p.repository_id LEFT JOIN plan_specs s ON s.id = t.spec_id
        WHERE t.id = $1`,
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
    tx.rows<Answer>(
      `SELECT question, answer FROM task_questions WHERE task_id = $1 AND answer IS NOT NULL ORDER BY asked_at`,
      [taskId],
    ),
  ]);
  if (row === null) throw new Error(`there is no task ${taskId}`);
  const diff = last?.diff ?? '';
  const conflict = last?.status === 'conflicted' ? (last.conflict ?? '') : '';
  return {
    ...row,
    planName: plan.name,
    answers,
    lastViolations: last?.violations ?? [],
    lastDiff: conflict === '' ? diff : `${diff}\n${conflict}`,
  };
}

interface FailureRow {
  readonly failure: Failure;
  readonly violations: number | null;
}

/** Tasks with their phases, and what follows each phase. */
async function placesOf(
  tx: SqlTx,
  plan: PlanState,
  taskIds: readonly string[],
): Promise<ReadonlyMap<string, Pick<TaskSlice, 'plan' | 'phase' | 'task' | 'nextPhase'>>> {
  const [tasks, phases] = await Promise.all([
    tx.rows<TaskState>(`SELECT ${TASK} FROM plan_tasks t WHERE t.id = ANY($1::uuid[])`, [taskIds]),
    // Of phases that have not begun, only the first matters.
    tx.rows<PhaseState>(
      `(SELECT ${PHASE} FROM phases h
         WHERE h.id IN (SELECT t.phase_id FROM plan_tasks t WHERE t.id = ANY($2::uuid[])))
       UNION (SELECT ${PHASE} FROM phases h WHERE h.plan_id = $1 AND h.status = 'pending' ORDER BY h.position LIMIT 2)`,
      [plan.id, taskIds],
    ),
  ]);
  const phaseOf = new Map(phases.map((each) => [each.id, each]));
  const pending = phases.filter(({ status }) => status === 'pending').sort((a, b) => a.position - b.position);
  return new Map(
    tasks.map((own) => {
      const of = phaseOf.get(own.phaseId);
      if (of === undefined) throw new Error(`there is no phase of task ${own.id}`);
      const nextPhase = pending.find(({ position }) => position > of.position) ?? null;
      return [own.id, { plan, phase: of, task: own, nextPhase }];
    }),
  );
}

export async function slice(tx: SqlTx, plan: PlanState, taskId: string): Promise<TaskSlice> {
  const [places, past, waiting] = await Promise.all([
    placesOf(tx, plan, [taskId]),
    tx.rows<FailureRow>(
      `SELECT a.failure, a.violation_count AS violations
         FROM task_attempts a JOIN plan_tasks t ON t.id = a.task_id
        WHERE a.task_id = $1 AND a.failure IS NOT NULL AND a.number > t.retry_base ORDER BY a.number`,
      [taskId],
    ),
    queued(tx, plan.id, [taskId]),
  ]);
  const place = places.get(taskId);
  if (place === undefined) throw new Error(`there is no task ${taskId}`);
  return {
    ...place,
    failures: past.map(({ failure }) => failure),
    violationCounts: past.flatMap(({ violations }) => violations ?? []),
    queued: waiting,
  };
}

/** See the port. */
export async function rejectedWith(tx: SqlTx, taskId: string, inputHash: string): Promise<number | null> {
  const row = await first<{ number: number }>(
    tx,
    `SELECT a.number FROM task_attempts a JOIN plan_tasks t ON t.id = a.task_id
      WHERE a.task_id = $1 AND a.status = 'rejected' AND a.input_hash = $2 AND a.number > t.retry_base
      ORDER BY a.number DESC LIMIT 1`,
    [taskId, inputHash],
  );
  return row?.number ?? null;
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
  judgement: 'judgements',
  generation: 'plan_iterations',
  review: 'plan_iterations',
};

export async function leaseExpired(
  tx: SqlTx,
  { entity, id }: Omit<Leased, 'token'>,
  now: Date,
): Promise<boolean> {
  // Locked: whoever renews it at the same moment has either done so, or finds it taken away.
  const text = `SELECT 1 FROM ${LEASED_TABLES[entity]} WHERE id = $1 AND lease_until < $2 FOR UPDATE`;
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

export function failedTasks(tx: SqlTx, planId: string): Promise<TaskState[]> {
  return tx.rows(
    `SELECT ${TASK} FROM plan_tasks t WHERE t.plan_id = $1 AND t.status = 'failed' ORDER BY t.number`,
    [planId],
  );
}

/** @param except ids of tasks to leave out */
export async function queued(tx: SqlTx, planId: string, except: readonly string[]): Promise<QueuedTask[]> {
  const where = `a.plan_id = $1 AND a.status = 'queued' AND a.task_id <> ALL($2::uuid[])`;
  const [attempts, tasks] = await Promise.all([
    tx.rows<AttemptState>(`SELECT ${ATTEMPT} FROM task_attempts a WHERE ${where}`, [planId, except]),
    tx.rows<TaskState>(
      `SELECT ${TASK} FROM plan_tasks t JOIN task_attempts a ON a.task_id = t.id WHERE ${where}`,
      [planId, except],
    ),
  ]);
  const taskOf = new Map(tasks.map((each) => [each.id, each]));
  return attempts.flatMap((each) => {
    const own = taskOf.get(each.taskId);
    return own === undefined ? [] : [{ attempt: each, task: own }];
  });
}
