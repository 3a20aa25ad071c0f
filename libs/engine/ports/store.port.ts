import type { Decision } from '#domain/plan/decision.js';
import type { OpenWork } from '#domain/plan/decisions/cancel-plan.js';
import type { LaneWaiter, TaskSlice } from '#domain/plan/decisions/settle.js';
import type { FinishedTask, Waiver } from '#domain/plan/contracts.js';
import type { Draft, DraftChange } from '#domain/plan/draft.js';
import type { EditState } from '#domain/plan/editable.js';
import type { Edge } from '#domain/plan/graph.js';
import type { DispatchState } from '#domain/plan/decisions/dispatch.js';
import type { PhaseApproval } from '#domain/plan/phase.machine.js';
import type { OpenRewind } from '#domain/plan/decisions/rewind.js';
import type { WaitOver } from '#domain/plan/decisions/wait.js';
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
import type { RewindState } from '#domain/snapshot/rewind-plan.js';
import type { SnapshotKind } from '#domain/snapshot/snapshot-kind.js';
import type { PinnedProfile } from '#domain/profile/profile.js';
import type { Verdict, Violation } from '#domain/spec/verdict.js';
import type { ArchiveRecord, PlanRecord } from '#contracts/archive/manifest.js';
import type { UnendedTasks } from '#domain/plan/decisions/archive-plan.js';
import type { Answer, ExecutorConfig } from './agent.port.js';
import type { AssignmentTx, WorkItemStore } from './assignment.port.js';
import type { DeliveryStore, DeliveryTx } from './delivery.port.js';
import type { FileDiff } from './git.port.js';
import type { NewPlan } from './new-plan.js';
import type { ClaimedPlace, FoundSteps, StepPlace } from './steps.port.js';
import type { IterationStore, IterationTx } from './iteration.port.js';
import type {
  FinishedJudgement,
  ForgottenJudgement,
  JudgementOrder,
  NewJudgement,
  OnBase,
  UnseenSpec,
} from './judgement.port.js';
import type { NoticeFacts } from './notice.port.js';
import type { OutboxRow, OutboxStore } from './outbox.port.js';
import type { ProfileCandidate, ProfileStore } from './profile.port.js';
import type { SessionStore } from './session-store.port.js';
import type { WorkspaceSetup } from './setup.port.js';

/** Where a claim's work is described, beyond what decisions look at. */
export interface TaskBrief {
  readonly planName: string;
  readonly prompt: string;
  readonly executor: ExecutorConfig;
  /** Who wrote the executor. */
  readonly writtenBy: WrittenBy;
  /** The profile that it names; capabilities that it needs; and the profile that its latest attempt was given. */
  readonly profile: string | null;
  readonly needs: readonly string[];
  readonly pinned: PinnedProfile | null;
  readonly mayChange: readonly string[];
  /** Globs of where it says that it writes; empty: everywhere. */
  readonly writes: readonly string[];
  /** Contracts that it may break, `<key>.<id>`. */
  readonly supersedes: readonly string[];
  /** Of its phase. */
  readonly approval: PhaseApproval;
  /** The plan's, or else the repository's. */
  readonly setup: WorkspaceSetup | null;
  readonly specYaml: string | null;
  readonly specHash: string | null;
  /** Violations and diff of the last attempt that was rejected or conflicted. */
  readonly lastViolations: readonly Violation[];
  readonly lastDiff: string;
  /** What was asked and answered, oldest first. */
  readonly answers: readonly Answer[];
}

/** What tasks of a plan that are done proved, and what of it people ended. */
export interface FinishedWork {
  /** Those with a spec, and those that superseded something; by number. */
  readonly tasks: readonly (Omit<FinishedTask, 'spec'> & { readonly specYaml: string | null })[];
  /** In the order in which they were given. */
  readonly waivers: readonly Waiver[];
}

/** A leased row: what to renew, and what was handed out. */
export interface Leased {
  /** `generation` and `review` are iterations. */
  readonly entity: 'attempt' | 'run' | 'integration' | 'judgement' | 'generation' | 'review';
  readonly id: string;
  readonly token: number;
}

export interface StoredDraft {
  readonly draft: Draft;
  readonly revision: number;
  /** The number for the next task. */
  readonly nextTaskNumber: number;
  /** What of it has begun. */
  readonly state: EditState;
}

export interface DraftEdit {
  readonly before: Draft;
  readonly after: Draft;
  /** Tasks are named by their ids. */
  readonly edges: { readonly gone: readonly Edge[]; readonly set: readonly Edge[] };
  readonly changes: readonly DraftChange[];
  /** One sentence. */
  readonly summary: string;
  readonly actorId: string;
  /** An iteration that is there already is told of it: none is added. */
  readonly ofIteration?: boolean;
}

/** One locked plan, inside one transaction. Nothing but SQL happens in here. */
export interface PlanTx extends IterationTx, DeliveryTx, AssignmentTx {
  /** The database's clock. */
  readonly now: Date;
  readonly plan: PlanState;
  /** The number of its last event, those of this transaction included. */
  readonly eventSeq: number;
  firstPhase(): Promise<PhaseState | null>;
  /** The first phase that has no task. */
  emptyPhase(): Promise<PhaseState | null>;
  /** A phase of the plan, and the pending one that follows it in position, if any; null when the plan has no such phase. */
  phase(id: string): Promise<{ readonly phase: PhaseState; readonly nextPhase: PhaseState | null } | null>;
  /**
   * The first pending phase, when none of the plan is running or awaits its approval: a plan that paused after a phase
   * opens it when it goes on. Else null.
   */
  phaseToOpen(): Promise<PhaseState | null>;
  task(taskId: string): Promise<TaskState>;
  taskByNumber(number: number): Promise<TaskState | null>;
  /** Null for one of an old epoch, as for the two below: it is nobody's any more. */
  attempt(attemptId: string): Promise<AttemptState | null>;
  /** The task's attempt with the highest number, of whatever epoch, and its integration, if any; null: it has none. */
  latestAttempt(
    taskId: string,
  ): Promise<{ readonly attempt: AttemptState; readonly integration: IntegrationState | null } | null>;
  run(runId: string): Promise<RunState | null>;
  integration(integrationId: string): Promise<IntegrationState | null>;
  brief(taskId: string): Promise<TaskBrief>;
  /** All profiles of the installation. */
  profiles(): Promise<readonly ProfileCandidate[]>;
  slice(taskId: string): Promise<TaskSlice>;
  /** The latest attempt of a task, after its `retryBase`, that is `rejected` and was given an input of this hash. */
  rejectedWith(taskId: string, inputHash: string): Promise<number | null>;
  /**
   * The plan's `waiting` tasks whose time has come (`not_before`) or whose signal is there, by number; at most `limit`.
   * None while the plan is not `running`.
   */
  dueWaits(limit: number): Promise<readonly DueWait[]>;
  /** The stored signal of that name. */
  signal(name: string): Promise<StoredSignal | null>;
  /** The whole structure, for edits. */
  draft(): Promise<StoredDraft>;
  /**
   * Writes what differs, as one iteration with its revision. The edges are those of `after`. Counters, and what is ready,
   * blocked or has to wait again, follow from it; `plan` is as it is then.
   */
  saveDraft(edit: DraftEdit): Promise<void>;
  /** Tasks with a slot that no worker has claimed. */
  queued(): Promise<QueuedTask[]>;
  failedTasks(): Promise<TaskState[]>;
  /**
   * What a cancellation ends, of any epoch. Tasks: those in `TASK_IN_HAND`. Attempts: queued, running or executed; and
   * passed, where their integration is open or their task awaits its review.
   */
  openWork(): Promise<OpenWork>;
  /** Tasks that an archive would leave open. */
  unendedTasks(): Promise<UnendedTasks>;
  lane(): Promise<{ readonly holder: string | null; readonly next: LaneWaiter | null }>;
  leaseExpired(leased: Omit<Leased, 'token'>): Promise<boolean>;
  /** The verdict that let the attempt pass. */
  passingVerdict(attemptId: string): Promise<Verdict | null>;
  finishedWork(): Promise<FinishedWork>;
  /** Whether a task with a spec was done after the verification began that let the attempt pass. */
  provenSince(attemptId: string): Promise<boolean>;
  /**
   * What a dispatch looks at, after everything that was applied. `limit` is the least of what is free under the
   * installation's and the repository's maximum of active tasks, read under a lock that every dispatch under a limit
   * takes, so that two cannot give the same slot away; no lock and null where neither is set. `rivals` are the other
   * running plans under the tighter of the two that have a slot of their own window free, with as many `wants` as they
   * could surely use: their ready tasks whose time has come, that are neither waits nor external nor ask for an approval,
   * at most the free slots of plan and phase; of those with a write scope only one, and none while such a one is active.
   * `stuckPhase` is read when nothing is active or ready.
   */
  dispatchState(): Promise<DispatchState>;
  /** Writes a decision. @throws Fenced when a guard matches no row: the transaction is then undone. */
  apply(decision: Decision, actorId: string): Promise<void>;
  addSnapshot(snapshot: NewSnapshot): Promise<void>;
  /** A commit to be looked at; its delivery is an effect of a decision. */
  addJudgement(judgement: NewJudgement): Promise<void>;
  /**
   * The same for the specs of tasks without dependencies that nobody looked at on the plan's base.
   * @returns false when there is none, or somebody is about to look
   */
  addBaseJudgement(id: string): Promise<boolean>;
  /** How a spec stands on the plan's base. @returns false when that was known */
  markOnBase(specId: string, colour: OnBase): Promise<boolean>;
  /** The same of every spec of the plan with that hash. */
  markSpecs(hash: string, colour: OnBase): Promise<void>;
  /** Commit of the plan's snapshot of that name. */
  checkpoint(name: string): Promise<string | null>;
  /** Commit of the latest checkpoint; null: there is none. */
  lastCheckpoint(): Promise<string | null>;
  hasCheckpoint(name: string): Promise<boolean>;
  /** Of a plan that paused for want of money: why it would stop again at once; null: it may go on. */
  overBudget(): Promise<string | null>;
  /** The plan whole, with what its history says. */
  rewindState(): Promise<RewindState>;
  /** Of a plan that ended: removes the diffs of its old snapshots, and says so on each; transcripts and output go too. */
  pruneSnapshots(before: Date): Promise<void>;
  /** The rewind that is under way. */
  openRewind(): Promise<OpenRewind | null>;
}

export interface NewSnapshot {
  /** Made up where it is absent. */
  readonly id?: string;
  readonly taskId: string | null;
  readonly attemptId: string | null;
  /**
   * `before`: the base of an attempt; `candidate`: what the attempt made of it, whatever came of that; `failed`: what an
   * attempt left that failed before there was a candidate; `landed`: what came onto the plan branch; `checkpoint`: the
   * tip of the plan, by a name; `final`: what an archived plan made.
   */
  readonly kind: SnapshotKind;
  /** Of a checkpoint; no other of the plan has it. */
  readonly name?: string;
  readonly gitRef: string;
  readonly commit: string;
  readonly baseCommit: string;
  /** Empty where another snapshot of the same two commits has them. */
  readonly diffs: readonly FileDiff[];
}

/** A wait that is over. */
export interface DueWait extends WaitOver {
  readonly taskId: string;
}

/** An event from outside, as it was first sent. */
export interface StoredSignal {
  readonly name: string;
  readonly data: unknown;
  /** Name of the actor. */
  readonly actor: string;
  readonly createdAt: Date;
}

/** A row that may need another delivery. */
export interface Overdue extends Leased {
  readonly planId: string;
  readonly deliveries: number;
  /** `lease`: its holder is gone. `delivery`: nobody claimed it. */
  readonly why: 'lease' | 'delivery';
}

export interface Store extends IterationStore, OutboxStore {
  readonly sessions: SessionStore;
  readonly profiles: ProfileStore;
  readonly deliveries: DeliveryStore;
  readonly workItems: WorkItemStore;
  /**
   * Runs `work` with the plan's row locked, and commits.
   * @returns the effects that wait in the outbox now, for the relay; null when there is no such plan
   * @throws Fenced
   */
  withPlan<T>(
    planId: string,
    work: (tx: PlanTx) => Promise<T>,
  ): Promise<{ readonly result: T; readonly outbox: readonly OutboxRow[] } | null>;
  /**
   * The same for steps that are about to be recorded: what their end looks at is read before, or together with the lock.
   *
   * @param work returns what it claimed or began; may run twice, where the plan has changed since that was read
   */
  withSteps<T extends readonly ClaimedPlace[]>(
    planId: string,
    steps: readonly StepPlace[],
    work: (tx: PlanTx, found: FoundSteps) => Promise<T>,
  ): Promise<{ readonly result: T; readonly outbox: readonly OutboxRow[] } | null>;
  finishedWork(planId: string): Promise<FinishedWork>;
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
  /** Where the repository was registered from: a path or a git URL. */
  originOf(repositoryId: string): Promise<string>;
  findRepository(origin: string): Promise<string | null>;
  /** @returns the id under which the origin is registered: another one, if somebody was first */
  registerRepository(input: {
    readonly id: string;
    readonly origin: string;
    readonly name: string;
    readonly actorId: string;
  }): Promise<string>;
  /** Sets how many tasks of all its plans may be active at once; null: no limit. @returns false when there is none */
  limitRepository(repositoryId: string, maxTasks: number | null): Promise<boolean>;
  /** The id of the built-in actor of that kind. */
  builtInActor(kind: 'user' | 'system'): Promise<string>;

  /** Extends a lease that is still ours (even one that ended, if nobody took it). False: it is lost. */
  renew(leased: Leased): Promise<boolean>;
  /**
   * Extends the lease of a person's claim by its length. @returns until when it holds; null: that claim has no lease, or is
   * not there any more
   */
  renewClaim(claim: {
    readonly planId: string;
    readonly taskNumber: number;
    readonly token: string;
  }): Promise<Date | null>;
  /** Rows whose lease is over, and rows that were delivered long ago and never claimed. */
  overdue(limit: number): Promise<readonly Overdue[]>;
  /** Counts one more delivery of a row that still waits for one. @returns its outbox row; null when it waits no more */
  redeliver(overdue: Overdue): Promise<OutboxRow | null>;
  /** A row still waits in the queue: it is looked at again after another grace period. */
  touchDelivery(overdue: Overdue): Promise<void>;
  /**
   * Running plans that a dispatch could get on: with a ready wait or approval to ask for, or with a free slot of their
   * window and another ready task that is not external; each with its time come. Highest priority first, then the fewest
   * active tasks, then the lowest number: whoever is behind is given what was freed elsewhere under a common limit.
   */
  plansToDispatch(limit: number): Promise<readonly string[]>;
  /** Running plans with a wait that is over: see `PlanTx.dueWaits`. */
  plansWithDueWaits(limit: number): Promise<readonly string[]>;
  /**
   * Of all attempts that wait for a worker (`queued`, of the plan's epoch, the plan `running`): of the highest priority
   * of a plan, then of the plan with the fewest `running` attempts, then the one delivered longest ago. One query.
   */
  fairestQueued(): Promise<{ readonly planId: string; readonly attemptId: string } | null>;
  /** What an archive says of a plan; null for one that nobody asked to archive. */
  archiveRecord(planId: string): Promise<ArchiveRecord | null>;
  /** The same of any plan; null where there is none. */
  planRecord(planId: string): Promise<PlanRecord | null>;
  /** Plans whose archiving has begun and not ended. */
  plansToArchive(limit: number): Promise<readonly string[]>;
  /** Plans whose cancellation has begun and not ended. */
  plansToCancel(limit: number): Promise<readonly string[]>;
  /** Plans whose rewind has begun and not ended. */
  plansToRewind(limit: number): Promise<readonly string[]>;

  /** Plans that ended that long ago, with what of them is old enough to go; `before` by the database's clock. */
  prunable(input: { readonly days: number; readonly planId: string | null }): Promise<{
    readonly before: Date;
    readonly plans: readonly PrunablePlan[];
  }>;
  /** The plan of each attempt or integration among the ids, as far as it is one of these plans. */
  ownersOf(planIds: readonly string[], ids: readonly string[]): Promise<ReadonlyMap<string, string>>;

  /** Takes a judgement that waits, or one whose lease is over. Null: there is nothing to take, or it is no judgement. */
  claimJudgement(id: string): Promise<JudgementOrder | null>;
  /** Whoever does not have the token any more changes nothing. */
  finishJudgement(finished: FinishedJudgement): Promise<void>;
  /** Removes judgements that were asked for more than a day ago. @returns what of them the hubs may still have */
  forgetJudgements(): Promise<readonly ForgottenJudgement[]>;
  /** Specs of the plan's tasks without dependencies that nobody looked at on its base, with those tasks. */
  unseenSpecs(planId: string): Promise<readonly UnseenSpec[]>;

  /** How a plan stands, for a person. Null: it is gone. */
  noticeFacts(planId: string): Promise<NoticeFacts | null>;
  publication(planId: string): Promise<Publication | null>;
  /** A refusal that is not the one already known is also a notice. */
  recordPublication(
    planId: string,
    result: { readonly commit: string } | { readonly error: string },
  ): Promise<void>;
}

/** What of a plan is old enough to go. */
export interface PrunablePlan {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly repositoryId: string;
  /** Its rows never change again: none of them goes. */
  readonly isArchived: boolean;
  readonly snapshots: number;
  readonly diffs: number;
  readonly diffBytes: number;
}

export interface Publication {
  readonly repositoryId: string;
  readonly origin: string;
  readonly branch: string;
  readonly commit: string;
  /** Tips that rewinds left, and what deliveries of other tips put there: on the branch of the origin it is ours to take away. */
  readonly left: readonly string[];
}
