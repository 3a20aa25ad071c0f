import { DecisionBuilder, type Decision } from '../decision.js';
import type { AttemptFailure, AttemptState, PlanState, TaskState } from '../state.js';
import { settleFailure, settlePause, type TaskSlice } from './settle.js';

export interface AttemptPin {
  readonly specHash: string | null;
  readonly input: unknown;
  readonly inputHash: string;
}

/** A worker takes the attempt; base, spec and input are pinned here. Null: there is nothing to claim. */
export function decideClaimAttempt(
  plan: PlanState,
  task: TaskState,
  attempt: AttemptState,
  pin: AttemptPin,
): Decision | null {
  if (plan.status !== 'running' || attempt.status !== 'queued' || attempt.epoch !== plan.epoch) return null;
  return new DecisionBuilder(plan)
    .moveAttempt(attempt, 'running', 'take', { baseCommit: plan.tipCommit, ...pin })
    .moveTask(task, 'executing')
    .event('attempt.started', {
      task: task.number,
      title: task.title,
      attempt: attempt.number,
      base: plan.tipCommit,
    })
    .done();
}

export interface Executed {
  readonly candidateCommit: string;
  readonly output: string;
}

/** The agent is done and its candidate is in the hub: the verifier's turn. */
export function decideExecuted(
  slice: TaskSlice,
  attempt: AttemptState,
  executed: Executed,
  newId: () => string,
): Decision {
  const runId = newId();
  return new DecisionBuilder(slice.plan)
    .moveAttempt(attempt, 'executed', 'clear', executed)
    .moveTask(slice.task, 'verifying')
    .add({
      entity: 'new_run',
      id: runId,
      taskId: slice.task.id,
      attemptId: attempt.id,
      integrationId: null,
      commit: executed.candidateCommit,
      baseCommit: attempt.baseCommit ?? slice.plan.baseCommit,
    })
    .event('attempt.executed', {
      task: slice.task.number,
      attempt: attempt.number,
      commit: executed.candidateCommit,
    })
    .deliver('verify', runId, 1)
    .done();
}

/** Its worker was told to stop: the task goes on elsewhere with a fresh attempt, and nothing counts against it. */
export function decideAttemptReturned(slice: TaskSlice, attempt: AttemptState): Decision {
  const message = 'its worker was stopped';
  const builder = new DecisionBuilder(slice.plan);
  builder.moveAttempt(attempt, 'cancelled', 'clear', { message }).moveTask(slice.task, 'ready');
  builder.event('attempt.returned', { task: slice.task.number, attempt: attempt.number, message });
  settlePause(builder);
  return builder.done();
}

/** The agent failed, or the attempt was lost with its worker. */
export function decideAttemptFailed(
  slice: TaskSlice,
  attempt: AttemptState,
  failed: AttemptFailure & { readonly output?: string },
  jitter: number,
): Decision {
  const builder = new DecisionBuilder(slice.plan);
  const { failure, message, output } = failed;
  builder.moveAttempt(attempt, failure === 'lost' ? 'lost' : 'errored', 'clear', {
    failure,
    message,
    ...(output === undefined ? {} : { output }),
  });
  builder.event(failure === 'lost' ? 'attempt.lost' : 'attempt.failed', {
    task: slice.task.number,
    attempt: attempt.number,
    failure,
    message,
  });
  settleFailure(builder, slice, failure, message, jitter);
  return builder.done();
}
