import type { Decision } from '#domain/plan/decision.js';
import type { OpenWork } from '#domain/plan/decisions/cancel-plan.js';
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
import type { Verdict } from '#domain/spec/verdict.js';
import type { ExecutorConfig } from '#engine/ports/agent.port.js';
import type { Ids } from '#engine/ports/ids.port.js';
import type {
  DraftEdit,
  StoredDraft,
  Leased,
  NewSnapshot,
  OutboxRow,
  PlanTx,
  TaskBrief,
} from '#engine/ports/store.port.js';
import type { DatabaseTx } from './database.js';
import { loadDraft, saveDraft } from './drafts.js';
import { appendEvents, type EventChain } from './events.js';
import { loadOpenWork } from './open-work.js';
import { putIntoOutbox } from './outbox.js';
import { toAttempt, toIntegration, toPhase, toRun, toTask } from './rows.js';
import { storableText } from './storable.js';
import { applyChange } from './transitions.js';

/** Ready tasks looked at beyond the free slots, so that overlapping write scopes do not leave slots empty. */
const LOOK_AHEAD = 32;
const MAX_INT4 = 2_147_483_647;

export interface TxOptions {
  readonly leaseMs: number;
  readonly ids: Ids;
  readonly holder: string;
}

interface LockedPlan extends PlanState {
  readonly eventSeq: number;
  readonly eventHash: string;
  readonly now: Date;
}

/** Locks the plan's row and opens the view of it. @returns null when there is no such plan, or it is hidden */
export async function lockPlan(
  db: DatabaseTx,
  planId: string,
  options: TxOptions,
): Promise<LockedPlanTx | null> {
  const rows = await db.$queryRaw<LockedPlan[]>`
    SELECT id, number, name, repository_id AS "repositoryId", status, pause_reason AS "pauseReason", epoch,
           base_commit AS "baseCommit", branch, tip_commit AS "tipCommit", concurrency, priority,
           auto_commit AS "autoCommit",
           active_tasks AS "activeTasks", open_phases AS "openPhases", event_seq AS "eventSeq",
           event_hash AS "eventHash", clock_timestamp() AS now
      FROM plans WHERE id = ${planId}::uuid AND deleted_at IS NULL FOR UPDATE`;
  const row = rows[0];
  return row === undefined ? null : new LockedPlanTx(db, row, options);
}

export class LockedPlanTx implements PlanTx {
  /** Effects decided so far; the relay carries them out after the commit. */
  readonly outbox: OutboxRow[] = [];
  readonly now: Date;
  private chain: EventChain;

  constructor(
    private readonly db: DatabaseTx,
    private readonly state: LockedPlan,
    private readonly options: TxOptions,
  ) {
    this.now = state.now;
    this.chain = { seq: state.eventSeq, hash: state.eventHash };
  }

  get plan(): PlanState {
    return this.state;
  }

  async emptyPhase(): Promise<PhaseState | null> {
    const row = await this.db.phase.findFirst({
      where: { planId: this.plan.id, openTasks: 0 },
      orderBy: { position: 'asc' },
    });
    return row === null ? null : toPhase(row);
  }

  async firstPhase(): Promise<PhaseState | null> {
    const row = await this.db.phase.findFirst({
      where: { planId: this.plan.id },
      orderBy: { position: 'asc' },
    });
    return row === null ? null : toPhase(row);
  }

  async task(taskId: string): Promise<TaskState> {
    return toTask(await this.db.planTask.findUniqueOrThrow({ where: { id: taskId } }));
  }

  async taskByNumber(number: number): Promise<TaskState | null> {
    if (number > MAX_INT4) return null;
    const row = await this.db.planTask.findUnique({
      where: { planId_number: { planId: this.plan.id, number } },
    });
    return row === null ? null : toTask(row);
  }

  async attempt(id: string): Promise<AttemptState | null> {
    const row = await this.db.taskAttempt.findUnique({ where: this.present(id) });
    return row === null ? null : toAttempt(row);
  }

  async run(id: string): Promise<RunState | null> {
    const row = await this.db.verificationRun.findUnique({ where: this.present(id) });
    return row === null ? null : toRun(row);
  }

  async integration(id: string): Promise<IntegrationState | null> {
    const row = await this.db.integration.findUnique({ where: this.present(id) });
    return row === null ? null : toIntegration(row);
  }

  async brief(taskId: string): Promise<TaskBrief> {
    const task = await this.db.planTask.findUniqueOrThrow({ where: { id: taskId }, include: { spec: true } });
    const last = await this.db.taskAttempt.findFirst({
      where: { taskId, status: { in: ['rejected', 'conflicted'] } },
      orderBy: { number: 'desc' },
      include: {
        runs: { where: { status: 'failed' }, orderBy: { createdAt: 'desc' }, take: 1 },
        snapshots: {
          where: { kind: 'candidate' },
          include: { diffs: { orderBy: { filePath: 'asc' } } },
          take: 1,
        },
        integration: true,
      },
    });
    const verdict = last?.runs[0]?.verdict as Verdict | undefined;
    const diff = (last?.snapshots[0]?.diffs ?? []).map((file) => file.diffText ?? '').join('');
    const conflict = last?.status === 'conflicted' ? (last.integration?.message ?? '') : '';
    return {
      planName: this.plan.name,
      prompt: task.prompt,
      executor: task.executor as unknown as ExecutorConfig,
      mayChange: task.mayChange as string[],
      specYaml: task.spec?.specYaml ?? null,
      specHash: task.spec?.hash ?? null,
      lastViolations: verdict?.violations ?? [],
      lastDiff: conflict === '' ? diff : `${diff}\n${conflict}`,
    };
  }

  async slice(taskId: string): Promise<TaskSlice> {
    const task = await this.db.planTask.findUniqueOrThrow({
      where: { id: taskId },
      include: { phase: true, attempts: { where: { failure: { not: null } }, orderBy: { number: 'asc' } } },
    });
    const next = await this.db.phase.findFirst({
      where: { planId: this.plan.id, status: 'pending', position: { gt: task.phase.position } },
      orderBy: { position: 'asc' },
    });
    return {
      plan: this.plan,
      phase: toPhase(task.phase),
      task: toTask(task),
      failures: task.attempts
        .filter((attempt) => attempt.number > task.retryBase)
        .map((attempt) => attempt.failure as Failure),
      queued: await this.queued(taskId),
      nextPhase: next === null ? null : toPhase(next),
    };
  }

  async lane(): Promise<{ readonly holder: string | null; readonly next: LaneWaiter | null }> {
    const planId = this.plan.id;
    const holder = await this.db.integration.findFirst({
      where: { planId, status: { in: [...INTEGRATION_IN_LANE] } },
      select: { id: true },
    });
    const next = await this.db.integration.findFirst({
      where: { planId, status: 'queued', epoch: this.plan.epoch },
      orderBy: { position: 'asc' },
      select: { id: true, deliveries: true },
    });
    return { holder: holder?.id ?? null, next };
  }

  async leaseExpired({ entity, id }: Omit<Leased, 'token'>): Promise<boolean> {
    const where = { id, leaseUntil: { lt: this.now } };
    const select = { id: true };
    const found =
      entity === 'attempt'
        ? await this.db.taskAttempt.findFirst({ where, select })
        : entity === 'run'
          ? await this.db.verificationRun.findFirst({ where, select })
          : await this.db.integration.findFirst({ where, select });
    return found !== null;
  }

  async passingVerdict(attemptId: string): Promise<Verdict | null> {
    const run = await this.db.verificationRun.findFirst({
      where: { attemptId, status: 'passed' },
      orderBy: { finishedAt: 'desc' },
      select: { verdict: true },
    });
    return (run?.verdict as Verdict | null | undefined) ?? null;
  }

  async dispatchState(): Promise<DispatchState> {
    const planId = this.plan.id;
    // Counters may have moved since the row was locked.
    const fresh = await this.db.plan.findUniqueOrThrow({
      where: { id: planId },
      select: { activeTasks: true, status: true },
    });
    const plan = {
      ...this.plan,
      activeTasks: fresh.activeTasks,
      status: fresh.status as PlanState['status'],
    };
    const slots = plan.concurrency - plan.activeTasks;
    if (plan.status !== 'running' || slots <= 0) return { plan, ready: [], activeScopes: [] };
    const ready = await this.db.planTask.findMany({
      where: { planId, status: 'ready', OR: [{ notBefore: null }, { notBefore: { lte: this.now } }] },
      // Ready tasks belong to one running phase: its order is theirs.
      orderBy: [{ place: 'asc' }, { number: 'asc' }],
      take: slots + LOOK_AHEAD,
      include: { phase: true },
    });
    const active = await this.db.planTask.findMany({
      where: { planId, status: { in: [...TASK_ACTIVE] } },
      select: { writeScope: true },
    });
    return {
      plan,
      ready: ready.map((row) => ({ task: toTask(row), phase: toPhase(row.phase) })),
      activeScopes: active.map((row) => row.writeScope as string[]),
    };
  }

  async apply(decision: Decision, actorId: string): Promise<void> {
    const context = { ...this.context(), actorId };
    for (const change of decision.changes) await applyChange(context, change);
    this.chain = await appendEvents(this.db, {
      planId: this.plan.id,
      chain: this.chain,
      events: decision.events,
      actorId,
      at: this.now,
    });
    this.outbox.push(...(await putIntoOutbox(this.db, this.plan.id, decision.effects, this.now)));
  }

  async addSnapshot(snapshot: NewSnapshot): Promise<void> {
    const { diffs, ...columns } = snapshot;
    const id = this.options.ids.next();
    const before = await this.db.codeSnapshot.count({ where: { taskId: snapshot.taskId } });
    await this.db.codeSnapshot.create({
      data: {
        id,
        planId: this.plan.id,
        sequence: before + 1,
        files: diffs.map((file) => file.path),
        ...columns,
      },
    });
    await this.db.codeDiff.createMany({
      data: diffs.map((file) => ({
        id: this.options.ids.next(),
        snapshotId: id,
        filePath: file.path,
        oldPath: file.oldPath ?? null,
        status: file.status,
        oldMode: file.oldMode,
        newMode: file.newMode,
        binary: file.binary,
        addedLines: file.addedLines,
        removedLines: file.removedLines,
        diffText: file.text === null ? null : storableText(file.text),
      })),
    });
  }

  draft(): Promise<StoredDraft> {
    return loadDraft(this.db, this.plan.id);
  }

  async saveDraft(edit: DraftEdit): Promise<void> {
    await saveDraft(this.db, this.plan.id, this.options.ids, edit);
  }

  async failedTasks(): Promise<TaskState[]> {
    const rows = await this.db.planTask.findMany({
      where: { planId: this.plan.id, status: 'failed' },
      orderBy: { number: 'asc' },
    });
    return rows.map(toTask);
  }

  async queued(exceptTaskId?: string): Promise<QueuedTask[]> {
    const rows = await this.db.taskAttempt.findMany({
      where: {
        planId: this.plan.id,
        status: 'queued',
        ...(exceptTaskId === undefined ? {} : { taskId: { not: exceptTaskId } }),
      },
      include: { task: true },
    });
    return rows.map((row) => ({ attempt: toAttempt(row), task: toTask(row.task) }));
  }

  openWork(): Promise<OpenWork> {
    return loadOpenWork(this.db, this.plan.id);
  }

  /** A row of the plan's epoch: what belongs to an old one is as if it were gone. */
  private present(id: string): { id: string; planId: string; epoch: number } {
    return { id, planId: this.plan.id, epoch: this.plan.epoch };
  }

  private context() {
    const { id: planId, epoch } = this.plan;
    const { leaseMs, holder } = this.options;
    return { db: this.db, planId, epoch, now: this.now, leaseMs, holder };
  }
}
