import type { AttemptStatus } from './attempt.machine.js';
import type { IntegrationStatus } from './integration.machine.js';
import type { PhaseApproval, PhaseMode, PhaseStatus } from './phase.machine.js';
import type { PauseReason, PlanStatus } from './plan.machine.js';
import type { Failure } from './retry.js';
import type { TaskStatus } from './task.machine.js';
import type { RunStatus } from './verification-run.machine.js';

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
  /** Tasks that occupy a slot of the window. */
  readonly activeTasks: number;
  readonly openPhases: number;
}

export interface PhaseState {
  readonly id: string;
  readonly position: number;
  readonly name: string;
  readonly mode: PhaseMode;
  readonly approval: PhaseApproval;
  readonly status: PhaseStatus;
  readonly openTasks: number;
}

export interface TaskState {
  readonly id: string;
  readonly phaseId: string;
  readonly number: number;
  readonly title: string;
  readonly status: TaskStatus;
  readonly maxAttempts: number;
  readonly attemptCount: number;
  readonly openDependencies: number;
  readonly writeScope: readonly string[];
  readonly approvedAt: Date | null;
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
