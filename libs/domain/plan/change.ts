/** What a decision may change: every change that the database knows. */

import type { AssignmentStatus, NewAssignment } from '../assignments/assignment.machine.js';
import type { AttemptStatus } from './attempt.machine.js';
import type { DeliveryChange, NewDelivery } from './delivery.js';
import type { IntegrationStatus } from './integration.machine.js';
import type { PhaseStatus } from './phase.machine.js';
import type { PauseReason, PlanStatus } from './plan.machine.js';
import type { Failure } from './retry.js';
import type { ArchiveRequest, ArchiveSeal, ExecutorKind, WrittenBy } from './state.js';
import type { PinnedProfile } from '../profile/profile.js';
import type { Strength } from '../spec/strength.js';
import type { TaskStatus } from './task.machine.js';
import type { RunStatus } from './verification-run.machine.js';

/** Columns that a status change may set along with it. */
export interface PlanSet {
  readonly epoch?: number;
  readonly pauseReason?: PauseReason | null;
  readonly pauseNote?: string | null;
  /** Who asked for the archive and why; what it holds, once it is stored. */
  readonly archive?: ArchiveRequest | ArchiveSeal;
}
export interface TaskSet {
  readonly notBeforeMs?: number;
  readonly attemptCount?: number;
  /** Null: nobody let it start, or its diff onto the branch, any more. */
  readonly approvedBy?: string | null;
  /** Attempts up to this number no longer count. */
  readonly retryBase?: number;
  readonly prompt?: string;
  /** The executor as it is stored, and who wrote it. */
  readonly executor?: { readonly kind: ExecutorKind };
  readonly writtenBy?: WrittenBy;
  readonly note?: string | null;
  readonly approvedPatch?: string | null;
  readonly commitSha?: string | null;
  readonly verified?: boolean | null;
}
export interface AttemptSet {
  readonly baseCommit?: string;
  readonly specHash?: string | null;
  readonly input?: unknown;
  readonly inputHash?: string;
  /** Whom it was given to, and what they are kept to. */
  readonly profile?: PinnedProfile;
  /** By what it is carried out: `claude`, `agent:codex`. */
  readonly executor?: string;
  /** Null, as for the two below: its verdict is open again. */
  readonly failure?: Failure | null;
  readonly message?: string | null;
  readonly candidateCommit?: string;
  readonly patchId?: string | null;
  readonly output?: string;
  /** JSON that the executor reported. */
  readonly result?: unknown;
  /** Blocking violations of the verdict that rejected it. */
  readonly violationCount?: number | null;
  /** How its processes were isolated. */
  readonly sandbox?: string;
}
/** What a verdict is taken under, as its task had it then. */
export interface JudgedUnder {
  readonly specHash: string | null;
  readonly mayChange: readonly string[];
}
export interface RunSet {
  readonly verdict?: unknown;
  readonly judgedUnder?: JudgedUnder;
}
export interface IntegrationSet {
  readonly ontoCommit?: string;
  readonly resultCommit?: string;
  readonly patchId?: string;
  readonly message?: string;
  readonly intent?: { readonly token: number; readonly oldTip: string; readonly newTip: string };
}

/**
 * One guarded write. The store turns each into `UPDATE … WHERE id AND status = from AND token AND epoch`;
 * zero rows means that somebody else was first, and the whole decision is dropped.
 */
export type Change =
  | { readonly entity: 'plan'; readonly from: PlanStatus; readonly to: PlanStatus; readonly set: PlanSet }
  | { readonly entity: 'tip'; readonly from: string; readonly to: string }
  | { readonly entity: 'phase'; readonly id: string; readonly from: PhaseStatus; readonly to: PhaseStatus }
  | {
      readonly entity: 'task';
      readonly id: string;
      readonly from: TaskStatus;
      readonly to: TaskStatus;
      readonly set: TaskSet;
    }
  | ({
      readonly entity: 'attempt';
      readonly from: AttemptStatus;
      readonly to: AttemptStatus;
      readonly set: AttemptSet;
    } & Guard)
  | ({
      readonly entity: 'run';
      readonly from: RunStatus;
      readonly to: RunStatus;
      readonly set: RunSet;
    } & Guard)
  | ({
      readonly entity: 'integration';
      readonly from: IntegrationStatus;
      readonly to: IntegrationStatus;
      readonly set: IntegrationSet;
    } & Guard)
  | DeliveryChange
  | NewAttempt
  | {
      readonly entity: 'new_run';
      readonly id: string;
      readonly taskId: string;
      readonly attemptId: string;
      readonly integrationId: string | null;
      readonly commit: string;
      readonly baseCommit: string;
    }
  | {
      readonly entity: 'new_integration';
      readonly id: string;
      readonly taskId: string;
      readonly attemptId: string;
      readonly candidateCommit: string;
    }
  /** An event from outside, in the name of whoever applies the decision. One that is there already meets the guard. */
  | { readonly entity: 'new_signal'; readonly name: string; readonly data: unknown }
  /** Every task that waits and has no attempt under way is cancelled. */
  | { readonly entity: 'cancel_waiting' }
  /** Tasks of a phase that wait for nothing become ready. */
  | { readonly entity: 'release_phase'; readonly phaseId: string }
  /** One dependency of every dependant is met; those of running phases that wait for nothing more become ready. */
  | { readonly entity: 'release_dependants'; readonly taskId: string }
  /**
   * The task was skipped and its work is missing: every dependant that is pending, ready or awaits its approval
   * becomes blocked, and so do, in turn, the dependants of each that it blocks.
   */
  | { readonly entity: 'block_dependants'; readonly taskId: string }
  /**
   * The missing work counts as done after all. Of the blocked dependants, and in turn the blocked dependants of each of
   * them, those become pending (ready, in a running phase and with no open dependency) that no longer depend on a task
   * that is blocked, or that was skipped and whose work is missing (`verified` is null). `release_dependants` comes
   * before it in a decision.
   */
  | { readonly entity: 'unblock_dependants'; readonly taskId: string }
  /**
   * The plan has a new epoch, and this goes on in it: its open runs, its open integrations, and its attempts that are
   * executed, that passed and whose task has not ended, or that a person has (running, by hand).
   */
  | { readonly entity: 'adopt_epoch' }
  /** People are told that the task waits for somebody to claim it: not again before it has moved. */
  | { readonly entity: 'announce'; readonly taskId: string }
  /** What each task waits for, and what that makes of those that nobody works on, is counted anew. */
  | { readonly entity: 'recount' }
  /**
   * A person's decision about the plan as a whole, in the name of whoever applies it. With a request it is work of a model:
   * it is `queued`, and is delivered by the stage of its kind.
   */
  | {
      readonly entity: 'new_iteration';
      readonly id: string;
      readonly kind: 'rewind' | 'waiver' | 'generate' | 'review';
      readonly summary: string;
      readonly changes: readonly unknown[];
      readonly request?: unknown;
    }
  /** Iterations that models are at fail, and whoever has one changes nothing any more. */
  | { readonly entity: 'end_iterations'; readonly message: string }
  | {
      readonly entity: 'new_rewind';
      readonly id: string;
      readonly lineage: number;
      readonly target: string;
      readonly from: string;
      readonly to: string;
      readonly toSeq: number;
      readonly keepIndependent: boolean;
    }
  | {
      readonly entity: 'end_rewind';
      readonly id: string;
      readonly status: 'done' | 'refused';
      readonly message: string | null;
    }
  /** What an attempt asks a person; `answer_question` is what they say, in the name of whoever applies it. */
  | {
      readonly entity: 'new_question';
      readonly id: string;
      readonly taskId: string;
      readonly attemptId: string;
      readonly question: string;
    }
  | { readonly entity: 'answer_question'; readonly taskId: string; readonly answer: string }
  | NewDelivery
  /** Whose the task is (null: nobody's), in the name of whoever applies the decision; the assignment that it had is over. */
  | { readonly entity: 'assign'; readonly taskId: string; readonly assignment: NewAssignment | null }
  | {
      readonly entity: 'assignment';
      readonly id: string;
      readonly from: AssignmentStatus;
      readonly to: AssignmentStatus;
    }
  /** The task moved and is somebody's: its assignment is what `assignmentAfter` says; one that has none gets one. */
  | { readonly entity: 'follow_task'; readonly taskId: string }
  /** What the rules of a completed task would notice of its change; written once per commit. */
  | { readonly entity: 'measured'; readonly taskId: string; readonly strength: Strength }
  | { readonly entity: 'counters'; readonly activeTasks: number; readonly openPhases: number }
  | { readonly entity: 'open_tasks'; readonly phaseId: string; readonly delta: number };

/** A queued attempt; or one that is claimed as it is made, by a worker or a person; or one that a person handed in. */
export interface NewAttempt {
  readonly entity: 'new_attempt';
  readonly id: string;
  readonly taskId: string;
  readonly number: number;
  /** `queued` when absent. */
  readonly status?: 'running' | 'executed';
  /** A worker's claim: it has a lease, and token 1. */
  readonly leased?: boolean;
  readonly byHand?: true;
  /** Of a person's claim: it comes back unless a heartbeat extends it. */
  readonly leaseSeconds?: number;
  readonly actorId?: string;
  readonly baseCommit?: string;
  readonly candidateCommit?: string;
  readonly specHash?: string | null;
  readonly input?: unknown;
  readonly inputHash?: string;
}

/** Changes that no builder's step makes by itself. */
export type DirectChange = Extract<
  Change,
  {
    entity:
      | `new_${string}`
      | `release_${string}`
      | `${string}block_dependants`
      | 'cancel_waiting'
      | 'adopt_epoch'
      | 'announce'
      | 'answer_question'
      | 'measured'
      | 'assign'
      | 'recount'
      | 'end_iterations'
      | 'end_rewind';
  }
>;

export interface Guard {
  readonly id: string;
  readonly token: number;
  /** The epoch of the row, where it may be older than the plan's. */
  readonly epoch?: number;
  /** A claim raises the token and takes the lease; giving up a claim clears it. */
  readonly lease: 'take' | 'keep' | 'clear';
}
