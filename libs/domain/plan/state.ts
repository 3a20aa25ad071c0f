import type { AttemptStatus } from './attempt.machine.js';
import type { IntegrationStatus } from './integration.machine.js';
import type { PhaseApproval, PhaseEnd, PhaseMode, PhaseStatus } from './phase.machine.js';
import type { PauseReason, PlanStatus } from './plan.machine.js';
import type { Failure } from './retry.js';
import type { TaskStatus } from './task.machine.js';
import type { RunStatus } from './verification-run.machine.js';

/** `change`: its work becomes a commit. `none`: its result is only stored. */
export const TASK_EFFECTS = ['change', 'none'] as const;
/** Who wrote what a task runs: a command of a model's never runs without isolation. */
export const WRITERS = ['person', 'model'] as const;
export type WrittenBy = (typeof WRITERS)[number];

export type TaskEffect = (typeof TASK_EFFECTS)[number];

/**
 * How a task is carried out. `command`: a worker runs it. `agent`: a worker runs a coding agent. `claude`: a model works
 * on it, through tools of the worker's. `milestone`: nothing to run, a point where others meet. `wait`: for a time or an
 * event. `external`: somebody outside claims it and hands it in.
 */
export const EXECUTOR_KINDS = [
  'command',
  'agent',
  'claude',
  'profile',
  'patch',
  'milestone',
  'wait',
  'external',
] as const;
export type ExecutorKind = (typeof EXECUTOR_KINDS)[number];

/** The slices of a plan that decisions look at. A decision is given only what it needs, never the whole plan. */

export interface PlanState {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly repositoryId: string;
  readonly status: PlanStatus;
  readonly pauseReason: PauseReason | null;
  readonly epoch: number;
  readonly baseCommit: string;
  readonly branch: string;
  readonly tipCommit: string;
  readonly concurrency: number;
  /** Verified changes go onto the branch by themselves; without it, a person lets each. */
  readonly autoCommit: boolean;
  readonly priority: number;
  /** Tasks that occupy a slot of the window. */
  readonly activeTasks: number;
  readonly openPhases: number;
}

/** What a person asked for when the plan was to be archived. */
export interface ArchiveRequest {
  /** The plan's status before. */
  readonly from: string;
  readonly note: string | null;
  readonly forced: boolean;
  /** Tasks that had not ended. */
  readonly open: number;
  readonly actorId: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What makes an archive of a plan one archive and no other. Digests are sha256 in hex. */
export interface ArchiveSeal extends ArchiveRequest {
  /** The commit that holds it in the hub. */
  readonly commit: string;
  readonly manifest: string;
  readonly bundle: string;
  /** Of the key that signed it. */
  readonly keyId: string;
}

export interface PhaseState {
  readonly id: string;
  readonly position: number;
  readonly name: string;
  readonly mode: PhaseMode;
  readonly approval: PhaseApproval;
  readonly atEnd: PhaseEnd;
  /** Tasks of the phase that may be active at once; null: the plan's window alone. */
  readonly concurrency: number | null;
  readonly status: PhaseStatus;
  readonly openTasks: number;
}

export interface TaskState {
  readonly id: string;
  readonly phaseId: string;
  readonly number: number;
  readonly title: string;
  readonly status: TaskStatus;
  readonly effect: TaskEffect;
  readonly executorKind: ExecutorKind;
  readonly maxAttempts: number;
  readonly attemptCount: number;
  readonly openDependencies: number;
  readonly writeScope: readonly string[];
  /** Whose it is: an assignment of theirs follows it. Null or absent: nobody's. */
  readonly assigneeId?: string | null;
  readonly approvedAt: Date | null;
  /**
   * False: nobody but its executor, or a person, says that it is done. Of a skipped task: null, its work is missing;
   * false, a person said that what depends on it may go on.
   */
  readonly verified: boolean | null;
  /** What a person wrote when they rejected or retried it: the next attempt is told. */
  readonly note: string | null;
  /** The patch-id of the diff that a person let onto the branch. */
  readonly approvedPatch: string | null;
}

/** What every leased row has: who claims it gets a new token, and every later write names that token. */
export interface LeasedState {
  readonly id: string;
  readonly epoch: number;
  readonly token: number;
  readonly deliveries: number;
}

export interface AttemptState extends LeasedState {
  readonly taskId: string;
  readonly number: number;
  readonly status: AttemptStatus;
  readonly baseCommit: string | null;
  readonly candidateCommit: string | null;
  /** `git patch-id` of the candidate, once it passed. */
  readonly patchId: string | null;
  /** A person made it: claimed, or handed in. */
  readonly byHand: boolean;
  /** Of a claim under a lease; null or absent: it has no end. */
  readonly leaseSeconds?: number | null;
}

export interface RunState extends LeasedState {
  readonly taskId: string;
  readonly attemptId: string;
  readonly integrationId: string | null;
  readonly commit: string;
  readonly baseCommit: string;
  readonly status: RunStatus;
}

export interface IntegrationState extends LeasedState {
  readonly taskId: string;
  readonly attemptId: string;
  readonly status: IntegrationStatus;
  readonly candidateCommit: string;
  readonly ontoCommit: string | null;
  readonly resultCommit: string | null;
  readonly intentToken: number | null;
  readonly intentOldTip: string | null;
  readonly intentNewTip: string | null;
  /** `git patch-id` of the rebased commit, where it is not what a person approved. */
  readonly patchId: string | null;
}

/** A task that has a slot but that no worker has claimed yet. */
export interface QueuedTask {
  readonly task: TaskState;
  readonly attempt: AttemptState;
}

export interface AttemptFailure {
  readonly failure: Failure;
  readonly message: string;
}
