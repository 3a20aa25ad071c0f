import type { Limits } from '#domain/cost/budget.js';
import type { Decision } from '#domain/plan/decision.js';
import type { DispatchState } from '#domain/plan/decisions/dispatch.js';
import type { LaneWaiter, TaskSlice } from '#domain/plan/decisions/settle.js';
import type {
  AttemptState,
  IntegrationState,
  PhaseState,
  PlanState,
  QueuedTask,
  RunState,
  TaskState,
} from '#domain/plan/state.js';
import type { Verdict } from '#domain/spec/verdict.js';
import type { Ids } from '#engine/ports/ids.port.js';
import type {
  FinishedIteration,
  HeldIteration,
  ModelWork,
  StoredIteration,
} from '#engine/ports/iteration.port.js';
import type { NewJudgement, OnBase } from '#engine/ports/judgement.port.js';
import type {
  DraftEdit,
  DueWait,
  FinishedWork,
  Leased,
  NewSnapshot,
  PlanTx,
  StoredDraft,
  StoredSignal,
  TaskBrief,
} from '#engine/ports/store.port.js';
import type { OutboxRow } from '#engine/ports/outbox.port.js';
import type { FoundSteps } from '#engine/ports/steps.port.js';
import { activeAssignment } from './assignments.js';
import { dispatchState, type SharedLimits } from './dispatch-reads.js';
import { openDelivery } from './deliveries.js';
import { finishedWork, provenSince } from './finished-work.js';
import { HeldTx } from './held-tx.js';
import { loadDraft } from './load-draft.js';
import { loadOpenWork, unendedTasks } from './open-work.js';
import { PlanWrites, type News } from './plan-writes.js';
import { PLAN } from './rows.js';
import { saveDraft } from './save-draft.js';
import * as iterations from './iterations.js';
import * as judgements from './judgements.js';
import { profileCandidates } from './profiles.js';
import { pruneSnapshots } from './prune.js';
import { openRewind, rewindState } from './rewind-reads.js';
import { addSnapshot, hasCheckpoint, lastCheckpoint } from './snapshots.js';
import type { PlanView, SeenPlan } from './seen-plan.js';
import { overBudget } from './spend-reads.js';
import type { SqlTx } from './sql.js';
import { StepsAhead } from './steps-ahead.js';
import * as read from './task-reads.js';
import { dueWaits, signal } from './waits.js';

export interface TxOptions {
  readonly leaseMs: number;
  readonly ids: Ids;
  readonly holder: string;
  /** Tasks of all plans that may be active at once; null: no limit. */
  readonly maxTasks: number | null;
  /** What plans that say nothing else may cost. */
  readonly budgets: Limits;
}

/** The view of a plan whose row is locked. */
export class LockedPlanTx implements PlanTx {
  readonly now: Date;
  private readonly tx: HeldTx;
  private readonly ahead: StepsAhead | null;
  private readonly writes: PlanWrites;
  private readonly limits: SharedLimits;

  constructor(
    tx: SqlTx,
    private readonly view: PlanView,
    private readonly options: TxOptions,
  ) {
    const { plan, clockReadAt, ahead } = view;
    const { eventSeq: seq, eventHash: hash, now, repositoryLimit: repository, ...state } = plan;
    this.tx = new HeldTx(tx);
    this.ahead = ahead && new StepsAhead(this.tx, ahead.steps, ahead.look);
    this.limits = { installation: options.maxTasks, repository };
    this.now = new Date(now.getTime() + Math.floor(performance.now() - clockReadAt));
    const { tx: held, ahead: known, now: at } = this;
    this.writes = new PlanWrites({ tx: held, ahead: known, now: at, ...options }, state, { seq, hash });
  }

  /** As it is after what was applied so far: the row is ours. */
  get plan(): PlanState {
    return this.writes.plan;
  }

  /** The number of its last event, those of this transaction included. */
  get eventSeq(): number {
    return this.writes.eventSeq;
  }

  /** Writes what was left to the end; nothing is applied afterwards. */
  finish(): News {
    return this.writes.finish();
  }

  /** Effects that were decided; the relay carries them out after the commit. */
  outbox(): Promise<OutboxRow[]> {
    return this.writes.outbox();
  }

  firstPhase(): Promise<PhaseState | null> {
    return read.firstPhase(this.tx, this.plan.id);
  }

  emptyPhase(): Promise<PhaseState | null> {
    return read.emptyPhase(this.tx, this.plan.id);
  }

  phase(phaseId: string): ReturnType<PlanTx['phase']> {
    return read.phase(this.tx, this.plan.id, phaseId);
  }

  phaseToOpen(): Promise<PhaseState | null> {
    return read.phaseToOpen(this.tx, this.plan.id);
  }

  latestAttempt(taskId: string): ReturnType<PlanTx['latestAttempt']> {
    return read.latestAttempt(this.tx, taskId);
  }

  task(taskId: string): Promise<TaskState> {
    return read.task(this.tx, taskId);
  }

  taskByNumber(number: number): Promise<TaskState | null> {
    return read.taskByNumber(this.tx, this.plan.id, number);
  }

  attempt(id: string): Promise<AttemptState | null> {
    return read.attempt(this.tx, this.plan, id);
  }

  run(id: string): Promise<RunState | null> {
    return read.run(this.tx, this.plan, id);
  }

  integration(id: string): Promise<IntegrationState | null> {
    return read.integration(this.tx, this.plan, id);
  }

  brief(taskId: string): Promise<TaskBrief> {
    return read.brief(this.tx, this.plan, taskId);
  }

  profiles(): ReturnType<PlanTx['profiles']> {
    return profileCandidates(this.tx);
  }

  slice(taskId: string): Promise<TaskSlice> {
    return read.slice(this.tx, this.plan, taskId);
  }

  activeAssignment(taskId: string): ReturnType<PlanTx['activeAssignment']> {
    return activeAssignment(this.tx, { taskId });
  }

  lane(): Promise<{ readonly holder: string | null; readonly next: LaneWaiter | null }> {
    return read.lane(this.tx, this.plan);
  }

  leaseExpired(leased: Omit<Leased, 'token'>): Promise<boolean> {
    return read.leaseExpired(this.tx, leased, this.now);
  }

  passingVerdict(attemptId: string): Promise<Verdict | null> {
    return read.passingVerdict(this.tx, attemptId);
  }

  finishedWork(): Promise<FinishedWork> {
    return finishedWork(this.tx, this.plan.id);
  }

  provenSince(attemptId: string): Promise<boolean> {
    return provenSince(this.tx, this.plan.id, attemptId);
  }

  async dispatchState(): Promise<DispatchState> {
    return dispatchState(this.tx, this.plan, this.now, this.limits, this.ahead?.next() ?? null);
  }

  /** The plan and its steps as this leaves them, where nothing but steps ended and began; null otherwise. */
  after(): Pick<SeenPlan, 'plan' | 'clockReadAt' | 'steps'> | null {
    const { view } = this;
    const { chain } = this.writes;
    const steps = this.ahead?.after(this.plan) ?? null;
    if (steps === null || view.ahead === null) return null;
    const { now, repositoryLimit } = view.plan;
    const plan = { ...this.plan, eventSeq: chain.seq, eventHash: chain.hash, now, repositoryLimit };
    const { look } = view.ahead;
    return { plan, clockReadAt: view.clockReadAt, steps: { ...look, ...steps } };
  }

  /** The steps that the lock was taken for. */
  async foundSteps(): Promise<FoundSteps> {
    return this.ahead?.found(this.plan) ?? { running: new Map(), queued: [], othersQueued: false };
  }

  rejectedWith(taskId: string, inputHash: string): Promise<number | null> {
    return read.rejectedWith(this.tx, taskId, inputHash);
  }

  dueWaits(limit: number): Promise<DueWait[]> {
    return dueWaits(this.tx, this.plan, limit);
  }

  signal(name: string): Promise<StoredSignal | null> {
    return signal(this.tx, this.plan.id, name);
  }

  failedTasks(): Promise<TaskState[]> {
    return read.failedTasks(this.tx, this.plan.id);
  }

  queued(): Promise<QueuedTask[]> {
    return read.queued(this.tx, this.plan.id, []);
  }

  unendedTasks(): ReturnType<PlanTx['unendedTasks']> {
    return unendedTasks(this.tx, this.plan);
  }

  openWork(): ReturnType<PlanTx['openWork']> {
    return loadOpenWork(this.tx, this.plan.id);
  }

  draft(): Promise<StoredDraft> {
    return loadDraft(this.tx, this.plan.id);
  }

  async saveDraft(edit: DraftEdit): Promise<void> {
    const { id } = this.plan;
    await saveDraft(this.tx, id, this.options.ids, { ...edit, at: this.now });
    const [row] = await this.tx.rows<PlanState>(`SELECT ${PLAN} FROM plans p WHERE p.id = $1`, [id]);
    if (row !== undefined) this.writes.plan = row;
  }

  async addSnapshot(snapshot: NewSnapshot): Promise<void> {
    addSnapshot(this.tx, this.plan.id, this.options.ids, snapshot);
  }

  async addJudgement(judgement: NewJudgement): Promise<void> {
    judgements.addJudgement(this.tx, this.plan.id, judgement);
  }

  addBaseJudgement(id: string): Promise<boolean> {
    return judgements.addBaseJudgement(this.tx, this.plan.id, id);
  }

  markOnBase(specId: string, colour: OnBase): Promise<boolean> {
    return judgements.markOnBase(this.tx, this.plan.id, specId, colour);
  }

  holdIteration(held: HeldIteration): Promise<void> {
    return iterations.holdIteration(this.tx, this.plan.id, held);
  }

  finishIteration(finished: FinishedIteration): Promise<void> {
    return iterations.finishIteration(this.tx, this.plan.id, finished);
  }

  latestIteration(kind: ModelWork): Promise<StoredIteration | null> {
    return iterations.latestIteration(this.tx, this.plan.id, kind);
  }

  iterationOf(kind: ModelWork, reference: number | string): Promise<StoredIteration | null> {
    return iterations.iterationOf(this.tx, this.plan.id, kind, reference);
  }

  async putResult(id: string, result: unknown): Promise<void> {
    iterations.putResult(this.tx, this.plan.id, id, result);
  }

  async markSpecs(hash: string, colour: OnBase): Promise<void> {
    judgements.markSpecs(this.tx, this.plan.id, hash, colour);
  }

  checkpoint(name: string): Promise<string | null> {
    return judgements.checkpoint(this.tx, this.plan.id, name);
  }

  lastCheckpoint(): Promise<string | null> {
    return lastCheckpoint(this.tx, this.plan.id);
  }

  hasCheckpoint(name: string): Promise<boolean> {
    return hasCheckpoint(this.tx, this.plan.id, name);
  }

  overBudget(): Promise<string | null> {
    return overBudget(this.tx, this.plan.id, this.options.budgets);
  }

  rewindState(): ReturnType<PlanTx['rewindState']> {
    return rewindState(this.tx, this.plan);
  }

  async pruneSnapshots(before: Date): Promise<void> {
    pruneSnapshots(this.tx, this.plan.id, before);
  }

  openDelivery(): ReturnType<PlanTx['openDelivery']> {
    return openDelivery(this.tx, this.plan.id);
  }

  async addDeliveryJudgement(judgement: Parameters<PlanTx['addDeliveryJudgement']>[0]): Promise<void> {
    judgements.addDeliveryJudgement(this.tx, this.plan.id, judgement);
  }

  openRewind(): ReturnType<PlanTx['openRewind']> {
    return openRewind(this.tx, this.plan.id);
  }

  /** Nothing is waited for: the transaction ends when all writes have succeeded. */
  async apply(decision: Decision, actorId: string): Promise<void> {
    this.writes.apply(decision, actorId);
  }
}
