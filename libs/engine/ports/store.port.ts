import type { Decision, Effect } from '#domain/plan/decision.js';
import type { OpenWork } from '#domain/plan/decisions/cancel-plan.js';
import type { LaneWaiter, TaskSlice } from '#domain/plan/decisions/settle.js';
import type { Draft, DraftChange } from '#domain/plan/draft.js';
import type { Edge } from '#domain/plan/graph.js';
import type { DispatchState } from '#domain/plan/decisions/dispatch.js';
import type {
  AttemptState,
  IntegrationState,
  PhaseState,
  PlanState,
  QueuedTask,
  RunState,
  TaskState,
} from '#domain/plan/state.js';
import type { Verdict, Violation } from '#domain/spec/verdict.js';
import type { ExecutorConfig } from './agent.port.js';
import type { FileDiff } from './git.port.js';
import type { NewPlan } from './new-plan.js';
import type { NoticeFacts } from './notice.port.js';
import type { WorkspaceSetup } from './setup.port.js';

/** Where a claim's work is described, beyond what decisions look at. */
export interface TaskBrief {
  readonly planName: string;
  readonly prompt: string;
  readonly executor: ExecutorConfig;
  readonly mayChange: readonly string[];
  /** The plan's, or else the repository's. */
  readonly setup: WorkspaceSetup | null;
  readonly specYaml: string | null;
  readonly specHash: string | null;
  /** Violations and diff of the last attempt that was rejected or conflicted. */
  readonly lastViolations: readonly Violation[];
  readonly lastDiff: string;
}

/** A leased row: what to renew, and what was handed out. */
export interface Leased {
  readonly entity: 'attempt' | 'run' | 'integration';
  readonly id: string;
  readonly token: number;
}

export interface OutboxRow {
  readonly id: bigint;
  readonly planId: string;
  readonly effect: Effect;
  /** How often it was taken, this time included; 0 by whoever wrote it. */
  readonly tries: number;
}

export interface StoredDraft {
  readonly draft: Draft;
  readonly revision: number;
  /** The number for the next task. */
  readonly nextTaskNumber: number;
}

export interface DraftEdit {
  readonly before: Draft;
  readonly after: Draft;
  readonly edges: readonly Edge[];
  readonly changes: readonly DraftChange[];
  /** One sentence. */
  readonly summary: string;
  readonly actorId: string;
}

/** One locked plan, inside one transaction. Nothing but SQL happens in here. */
export interface PlanTx {
  /** The database's clock. */
  readonly now: Date;
  readonly plan: PlanState;
  firstPhase(): Promise<PhaseState | null>;
  /** The first phase that has no task. */
  emptyPhase(): Promise<PhaseState | null>;
  task(taskId: string): Promise<TaskState>;
  taskByNumber(number: number): Promise<TaskState | null>;
  /** Null for one of an old epoch, as for the two below: it is nobody's any more. */
  attempt(attemptId: string): Promise<AttemptState | null>;
  run(runId: string): Promise<RunState | null>;
  integration(integrationId: string): Promise<IntegrationState | null>;
  brief(taskId: string): Promise<TaskBrief>;
  slice(taskId: string): Promise<TaskSlice>;
  /** The whole structure, for edits before the start. */
  draft(): Promise<StoredDraft>;
  /** Writes what differs, as one iteration with its revision. The edges are those of `after`. */
  saveDraft(edit: DraftEdit): Promise<void>;
  /** Tasks with a slot that no worker has claimed. */
  queued(): Promise<QueuedTask[]>;
  failedTasks(): Promise<TaskState[]>;
  /** What a cancellation ends, of any epoch. */
  openWork(): Promise<OpenWork>;
  lane(): Promise<{ readonly holder: string | null; readonly next: LaneWaiter | null }>;
  leaseExpired(leased: Omit<Leased, 'token'>): Promise<boolean>;
  /** The verdict that let the attempt pass. */
  passingVerdict(attemptId: string): Promise<Verdict | null>;
  dispatchState(): Promise<DispatchState>;
  /** Writes a decision. @throws Fenced when a guard matches no row: the transaction is then undone. */
  apply(decision: Decision, actorId: string): Promise<void>;
  addSnapshot(snapshot: NewSnapshot): Promise<void>;
}

export interface NewSnapshot {
  readonly taskId: string;
  readonly attemptId: string;
  /** `before`: the base of an attempt; `candidate`: what the attempt made of it. */
  readonly kind: 'before' | 'candidate';
  readonly gitRef: string;
  readonly commit: string;
  readonly baseCommit: string;
  readonly diffs: readonly FileDiff[];
}

/** A row that may need another delivery. */
export interface Overdue extends Leased {
  readonly planId: string;
  readonly deliveries: number;
  /** `lease`: its holder is gone. `delivery`: nobody claimed it. */
  readonly why: 'lease' | 'delivery';
}

export interface Store {
  /**
   * Runs `work` with the plan's row locked, and commits.
   * @returns the effects that wait in the outbox now, for the relay; null when there is no such plan
   * @throws Fenced
   */
  withPlan<T>(
    planId: string,
    work: (tx: PlanTx) => Promise<T>,
  ): Promise<{ readonly result: T; readonly outbox: readonly OutboxRow[] } | null>;
  /** Whether an error means that the database cannot be reached at the moment. */
  isAway(error: unknown): boolean;
  /**
   * Deletes a plan that never started; hides one that did and is not at work.
   * @returns null when there is none, false when it is at work
   */
  deletePlan(
    planId: string,
    expectedRevision: number | undefined,
  ): Promise<'deleted' | 'hidden' | 'busy' | 'changed' | null>;
  createPlan(plan: NewPlan): Promise<{ readonly id: string; readonly number: number }>;
  findRepository(origin: string): Promise<string | null>;
  /** @returns the id under which the origin is registered: another one, if somebody was first */
  registerRepository(input: {
    readonly id: string;
    readonly origin: string;
    readonly name: string;
    readonly actorId: string;
  }): Promise<string>;
  /** The id of the built-in actor of that kind. */
  builtInActor(kind: 'user' | 'system'): Promise<string>;

  /** Extends a lease that is still ours (even one that ended, if nobody took it). False: it is lost. */
  renew(leased: Leased): Promise<boolean>;
  /** Rows whose lease is over, and rows that were delivered long ago and never claimed. */
  overdue(limit: number): Promise<readonly Overdue[]>;
  /** Counts one more delivery of a row that still waits for one. @returns its outbox row; null when it waits no more */
  redeliver(overdue: Overdue): Promise<OutboxRow | null>;
  /** A row still waits in the queue: it is looked at again after another grace period. */
  touchDelivery(overdue: Overdue): Promise<void>;
  /** Running plans with a free slot and a ready task whose time has come. */
  plansToDispatch(limit: number): Promise<readonly string[]>;
  /** Plans whose cancellation has begun and not ended. */
  plansToCancel(limit: number): Promise<readonly string[]>;

  /** Takes due effects (those that another relay holds are skipped) and holds them for a while. */
  takeOutbox(input: {
    readonly kind: OutboxRow['effect']['kind'];
    readonly limit: number;
    readonly holdMs: number;
  }): Promise<readonly OutboxRow[]>;
  /** Removes what was carried out. */
  settleOutbox(ids: readonly bigint[]): Promise<void>;
  /** An effect failed and is tried again later. */
  postponeOutbox(id: bigint, error: string): Promise<void>;
  /** How a plan stands, for a person. Null: it is gone. */
  noticeFacts(planId: string): Promise<NoticeFacts | null>;
  publication(planId: string): Promise<Publication | null>;
  /** A refusal that is not the one already known is also a notice. */
  recordPublication(
    planId: string,
    result: { readonly commit: string } | { readonly error: string },
  ): Promise<void>;
}

export interface Publication {
  readonly repositoryId: string;
  readonly origin: string;
  readonly branch: string;
  readonly commit: string;
}
