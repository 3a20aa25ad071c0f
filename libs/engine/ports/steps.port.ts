import type { TaskSlice } from '#domain/plan/decisions/settle.js';
import type { ReadyStep } from '#domain/plan/decisions/dispatch.js';
import type { AttemptState, TaskEffect, TaskState } from '#domain/plan/state.js';

/** An attempt at a task that changes nothing. */
export interface StepPlace {
  readonly attemptId: string;
  readonly taskId: string;
}

/** An attempt that was claimed: a step, where its task changes nothing. */
export interface ClaimedPlace extends StepPlace {
  readonly effect: TaskEffect;
}

export interface RunningStep {
  readonly attempt: AttemptState;
  readonly slice: TaskSlice;
}

/** A step whose attempt waits for a worker. */
export interface QueuedStep {
  readonly attempt: AttemptState;
  readonly task: TaskState;
  readonly step: ReadyStep;
}

/** What the end of steps, and the claim of others, looks at. */
export interface FoundSteps {
  /** Those of the attempts that run, of the plan's epoch, by their ids. The slices tell nothing of failures before. */
  readonly running: ReadonlyMap<string, RunningStep>;
  /** Where none is about to end: those that wait for a worker, longest first. */
  readonly queued: readonly QueuedStep[];
  /** Whether an attempt of another plan waits for a worker. */
  readonly othersQueued: boolean;
}
