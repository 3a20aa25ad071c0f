import type { PinnedProfile } from '../../profile/profile.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import type { AttemptFailure, AttemptState, PhaseState, PlanState, TaskState } from '../state.js';
import { completeTask, pausePlan, settleFailure, settlePause, type TaskSlice } from './settle.js';

export interface AttemptPin {
  readonly specHash: string | null;
  readonly input: unknown;
  readonly inputHash: string;
  /** Absent: it is done under none. */
  readonly profile?: PinnedProfile;
  /** By what it is done, in a word; absent: by what its task says. */
  readonly executor?: string;
}

/** A worker takes the attempt; base, spec and input are pinned here. Null: there is nothing to claim. */
export function decideClaimAttempt(
  plan: PlanState,
  task: TaskState,
  attempt: AttemptState,
  pin: AttemptPin,
): Decision | null {
  return isClaimable(plan, attempt) ? decideClaims(plan, [{ task, attempt, pin }]) : null;
}

/** An attempt that waits for a worker, and what it is given. */
export interface Claim {
  readonly task: TaskState;
  readonly attempt: AttemptState;
  readonly pin: AttemptPin;
}

/** The same for several, which wait still, in a plan that runs. */
export function decideClaims(plan: PlanState, claims: readonly Claim[]): Decision {
  const builder = new DecisionBuilder(plan);
  for (const { task, attempt, pin } of claims)
    builder
      .moveAttempt(attempt, 'running', 'take', { baseCommit: plan.tipCommit, ...pin })
      .moveTask(task, 'executing')
      .event('attempt.started', {
        ...startedEvent(plan, task, attempt.number),
        ...(pin.profile === undefined ? {} : { profile: pin.profile.slug, reason: pin.profile.reason }),
      });
  return builder.done();
}

/** What `attempt.started` says. */
export function startedEvent(plan: PlanState, task: TaskState, attempt: number) {
  return { task: task.number, title: task.title, attempt, base: plan.tipCommit };
}

function isClaimable(plan: PlanState, attempt: AttemptState): boolean {
  return plan.status === 'running' && attempt.status === 'queued' && attempt.epoch === plan.epoch;
}

/**
 * The attempt would be given exactly what an attempt before it was given, whose result was rejected: it is not begun,
 * costs nothing, and a person has to change something. Null: there is nothing to claim.
 *
 * @param rejected number of that attempt
 */
export function decideSameInput(slice: TaskSlice, attempt: AttemptState, rejected: number): Decision | null {
  const message = `the input is the same as attempt ${rejected}'s, which was rejected`;
  return decideNotBegun(slice, attempt, message);
}

/** Nobody can begin it as it is: it costs nothing, and a person has to change something. Null: there is nothing to claim. */
export function decideNotBegun(slice: TaskSlice, attempt: AttemptState, message: string): Decision | null {
  const { plan, task } = slice;
  if (!isClaimable(plan, attempt)) return null;
  const builder = new DecisionBuilder(plan);
  builder.moveAttempt(attempt, 'cancelled', 'clear', { failure: 'cancelled', message });
  builder.moveTask(task, 'failed');
  builder.event('task.failed', { task: task.number, title: task.title, failure: null, reason: message });
  pausePlan(builder, slice.queued, 'task_failed', `Task ${plan.number}.${task.number}: ${message}.`);
  return builder.done();
}

/** What a run tells of how it was isolated; absent where it started no process. */
interface Held {
  readonly sandbox?: string | undefined;
}

/** What a task that changes nothing leaves behind. */
export interface StepResult extends Held {
  readonly output: string;
  /** JSON. */
  readonly result: unknown;
}

/** A step that has run. */
export interface DoneStep {
  readonly slice: TaskSlice;
  readonly attempt: AttemptState;
  readonly done: StepResult;
}

/**
 * Tasks that change nothing are done with their run: nobody judges them, and nothing is integrated. Several that ended
 * at the same time are one decision; the slices are as they were before any of them.
 */
export function decideStepsDone(plan: PlanState, steps: readonly DoneStep[]): Decision {
  const builder = new DecisionBuilder(plan);
  const phases = new Map<string, PhaseState>();
  for (const { slice, attempt, done } of steps) {
    const phase = phases.get(slice.phase.id) ?? slice.phase;
    const { output, result } = done;
    builder.moveAttempt(attempt, 'passed', 'clear', { output, result, ...held(done) });
    completeTask(builder, { ...slice, plan, phase }, 'completed', { commitSha: null });
    phases.set(phase.id, { ...phase, openTasks: phase.openTasks - 1 });
  }
  return builder.done();
}

function held({ sandbox }: Held): { readonly sandbox?: string } {
  return sandbox === undefined ? {} : { sandbox };
}

export interface Executed extends Held {
  readonly candidateCommit: string;
  readonly output: string;
  /** JSON that the executor reported; absent: nothing. */
  readonly result?: unknown;
}

/** The agent is done and its candidate is in the hub: the verifier's turn. */
export function decideExecuted(
  slice: TaskSlice,
  attempt: AttemptState,
  executed: Executed,
  newId: () => string,
): Decision {
  const runId = newId();
  const { sandbox, ...ran } = executed;
  return new DecisionBuilder(slice.plan)
    .moveAttempt(attempt, 'executed', 'clear', { ...ran, ...held({ sandbox }) })
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

export interface FailedAttempt extends AttemptFailure, Held {
  readonly output?: string;
  /** JSON that the executor reported. */
  readonly result?: unknown;
  /** It is not worth another try before. */
  readonly retryAfterMs?: number;
}

/** The agent failed, or the attempt was lost with its worker. */
export function decideAttemptFailed(
  slice: TaskSlice,
  attempt: AttemptState,
  failed: FailedAttempt,
  jitter: number,
): Decision {
  const builder = new DecisionBuilder(slice.plan);
  const { failure, message, output, result, retryAfterMs } = failed;
  builder.moveAttempt(attempt, failure === 'lost' ? 'lost' : 'errored', 'clear', {
    failure,
    message,
    ...(output === undefined ? {} : { output }),
    ...(result === undefined ? {} : { result }),
    ...held(failed),
  });
  builder.event(failure === 'lost' ? 'attempt.lost' : 'attempt.failed', {
    task: slice.task.number,
    attempt: attempt.number,
    failure,
    message,
  });
  const facts = retryAfterMs === undefined ? {} : { minDelayMs: retryAfterMs };
  settleFailure(builder, slice, failure, message, jitter, facts);
  return builder.done();
}
