import type { TaskSlice } from '#domain/plan/decisions/settle.js';
import type { AttemptState } from '#domain/plan/state.js';

/** An attempt at a task that changes nothing. */
export interface StepPlace {
  readonly attemptId: string;
  readonly taskId: string;
}

export interface RunningStep {
  readonly attempt: AttemptState;
  readonly slice: TaskSlice;
}

/** What the end of steps looks at. */
export interface FoundSteps {
  /** Those of the attempts that run, of the plan's epoch, by their ids. The slices tell nothing of failures before. */
  readonly running: ReadonlyMap<string, RunningStep>;
  /** Whether an attempt of another plan waits for a worker. */
  readonly othersQueued: boolean;
}
