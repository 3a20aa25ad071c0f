import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import { PLAN_MOVING } from '../plan.machine.js';
import type { AttemptState } from '../state.js';
import type { TaskStatus } from '../task.machine.js';
import { completeTask, goOn, rouse, settleFailure, type TaskSlice } from './settle.js';

/** A task that a person takes, or has. */
export interface HandState {
  readonly slice: TaskSlice;
  /** The attempt of who has it, while it is claimed. */
  readonly attempt: AttemptState | null;
  /** Whether other tasks of the plan failed for good: then it stays paused. */
  readonly othersFailed: boolean;
}

interface ClaimedState {
  readonly attempt: AttemptState;
}

const TAKEABLE: readonly TaskStatus[] = ['ready', 'failed', 'awaiting_approval'];
const IN_REACH: readonly TaskStatus[] = [...TAKEABLE, 'claimed'];

/**
 * A person, or a program outside, takes the task: no worker gets it until it is handed in, given back, or abandoned.
 *
 * @param leaseSeconds it is abandoned when nothing was heard of for so long; absent: never
 * @throws DomainError `conflict` naming the state
 */
export function decideClaimTask(
  state: HandState,
  actorId: string,
  newId: () => string,
  leaseSeconds?: number,
): Decision {
  const { plan, task } = state.slice;
  requireStatus(state.slice, TAKEABLE, 'be claimed');
  requireMet(state.slice, 'be claimed');
  const builder = new DecisionBuilder(plan);
  mend(builder, state);
  const number = task.attemptCount + 1;
  const leased = leaseSeconds === undefined ? {} : { leaseSeconds };
  builder.moveTask(task, 'claimed', { attemptCount: number, ...freshStart(state.slice) });
  builder.add({
    entity: 'new_attempt',
    id: newId(),
    taskId: task.id,
    number,
    status: 'running',
    byHand: true,
    actorId,
    baseCommit: plan.tipCommit,
    ...leased,
  });
  const { number: of, title } = task;
  return builder.event('task.claimed', { task: of, title, base: plan.tipCommit, ...leased }).done();
}

/**
 * Who has the task gives it back undone, or a person takes it from them.
 *
 * @param token of the claim that is given back; absent: whoever's it is
 * @throws DomainError `conflict` naming the state
 */
export function decideReleaseTask(state: HandState, note: string | null, token?: string): Decision {
  const { plan, task } = state.slice;
  const builder = new DecisionBuilder(plan);
  giveBack(builder, state, note, token);
  return builder.event('task.released', { task: task.number, title: task.title, note }).done();
}

/** The claim ends, and the task can be claimed again. @throws DomainError `conflict` naming the state */
export function giveBack(
  builder: DecisionBuilder,
  state: HandState,
  note: string | null,
  token: string | undefined,
): void {
  const attempt = requireClaimed(state, 'be released');
  if (token !== undefined) requireHolder(state, token);
  const message = note ?? 'it was given back';
  builder.moveAttempt(attempt, 'cancelled', 'clear', { failure: 'cancelled', message });
  builder.moveTask(state.slice.task, 'ready', note === null ? {} : { note });
}

/** Nothing was heard of who has the task: it can be claimed again, and that costs it nothing. */
export function decideAbandoned({ slice, attempt }: Pick<HandState, 'slice'> & ClaimedState): Decision {
  const { plan, task } = slice;
  const builder = new DecisionBuilder(plan);
  const message = 'nothing was heard of who had claimed it';
  // As one that is given back: the failure `lost` is a worker's, and is counted.
  builder.moveAttempt(attempt, 'lost', 'clear', { failure: 'cancelled', message });
  builder.moveTask(task, 'ready');
  const { number, title } = task;
  return builder.event('task.abandoned', { task: number, title, attempt: attempt.number }).done();
}

/** Who has the task could not do it. @throws DomainError `conflict` naming the state */
export function decideFailTask(state: HandState, note: string, jitter: number, token?: string): Decision {
  const { slice } = state;
  const attempt = requireClaimed(state, 'fail');
  requireHolder(state, token);
  const builder = new DecisionBuilder(slice.plan);
  const failure = 'agent_failed';
  builder.moveAttempt(attempt, 'errored', 'clear', { failure, message: note });
  builder.event('attempt.failed', {
    task: slice.task.number,
    attempt: attempt.number,
    failure,
    message: note,
  });
  settleFailure(builder, slice, failure, note, jitter, { note });
  return builder.done();
}

/** A person says that the task is done; nobody verifies it. @throws DomainError `conflict` naming the state */
export function decideCompleteByHand(state: HandState, note: string, token?: string): Decision {
  const { slice, attempt } = state;
  requireStatus(slice, IN_REACH, 'be completed by hand');
  requireHolder(state, token);
  const builder = new DecisionBuilder(slice.plan);
  mend(builder, state);
  if (slice.task.status === 'claimed' && attempt !== null)
    builder.moveAttempt(attempt, 'passed', 'clear', { message: note });
  completeTask(builder, slice, 'completed', { commitSha: null, verified: false, note });
  return builder.done();
}

/** What a person made, as one commit on the plan's tip. */
export interface HandedIn {
  readonly commit: string;
  /** The tip that it is built on. */
  readonly base: string;
  /** Of its attempt: the one that is claimed, or a new one. */
  readonly attemptId: string;
  /** Of the claim under which it was made. */
  readonly token?: string | undefined;
}

/**
 * A person hands the task's work in: it is verified like any other.
 *
 * @throws DomainError `conflict` naming the state
 */
export function decideSubmit(
  state: HandState,
  { commit, base, attemptId, token }: HandedIn,
  actorId: string,
  newId: () => string,
): Decision {
  const { plan, task } = state.slice;
  const attempt = requireSubmittable(state, token);
  const builder = new DecisionBuilder(plan);
  mend(builder, state);
  const number = attempt?.number ?? task.attemptCount + 1;
  if (attempt !== null) {
    builder.moveAttempt(attempt, 'executed', 'clear', { candidateCommit: commit, baseCommit: base });
    builder.moveTask(task, 'verifying');
  } else {
    builder.moveTask(task, 'verifying', { attemptCount: number, ...freshStart(state.slice) });
    builder.add({
      entity: 'new_attempt',
      id: attemptId,
      taskId: task.id,
      number,
      status: 'executed',
      byHand: true,
      actorId,
      baseCommit: base,
      candidateCommit: commit,
    });
  }
  const runId = newId();
  builder.add({
    entity: 'new_run',
    id: runId,
    taskId: task.id,
    attemptId,
    integrationId: null,
    commit,
    baseCommit: base,
  });
  builder.event('task.submitted', { task: task.number, title: task.title, attempt: number, commit });
  builder.deliver('verify', runId, 1);
  rouse(builder, plan);
  return builder.done();
}

/** @returns the claimed attempt; null when a new one is made @throws DomainError `conflict` naming the state */
export function requireSubmittable(state: HandState, token?: string): AttemptState | null {
  const { plan, task } = state.slice;
  requireStatus(state.slice, IN_REACH, 'be handed in');
  requireHolder(state, token);
  requireMet(state.slice, 'be handed in');
  if (task.effect === 'none') {
    throw new DomainError(
      'conflict',
      `Task ${plan.number}.${task.number} changes no file: there is nothing to hand in.`,
      {
        remedy: `Complete it: planwright complete ${plan.number}.${task.number} --note TEXT`,
      },
    );
  }
  return task.status === 'claimed' ? requireClaimed(state, 'be handed in') : null;
}

function requireClaimed(state: HandState, what: string): AttemptState {
  requireStatus(state.slice, ['claimed'], what);
  if (state.attempt?.status !== 'running') throw new Error('a claimed task has no running attempt');
  return state.attempt;
}

/**
 * Whoever names a claim must have it still, and one with a lease is named by whoever ends it: its holder may have been
 * taken for gone while it worked, and another one have the task now.
 *
 * @throws DomainError `conflict`
 */
export function requireHolder(
  { slice: { plan, task }, attempt }: HandState,
  token: string | undefined,
): void {
  const name = `Task ${plan.number}.${task.number}`;
  const held = task.status === 'claimed' ? attempt : null;
  if (token !== undefined && held?.id !== token) {
    throw new DomainError('conflict', `${name} is ${task.status}, and not by the claim that is named.`, {
      remedy: 'That claim is over: claim the task again, if it can be claimed.',
    });
  }
  if (token !== undefined || typeof held?.leaseSeconds !== 'number') return;
  throw new DomainError('conflict', `${name} is claimed under a lease, and no token is named.`, {
    remedy: 'Name the token that the claim was answered with; or release the task first.',
  });
}

function requireStatus({ plan, task }: TaskSlice, statuses: readonly TaskStatus[], what: string): void {
  if (!PLAN_MOVING.includes(plan.status)) {
    const remedy =
      plan.status === 'ready'
        ? `Start it first: planwright execute ${plan.number}`
        : `planwright show ${plan.number} says what it is at.`;
    throw new DomainError('conflict', `Plan ${plan.number} is ${plan.status}; its tasks cannot ${what}.`, {
      remedy,
    });
  }
  if (statuses.includes(task.status)) return;
  throw new DomainError(
    'conflict',
    `Task ${plan.number}.${task.number} is ${task.status}; it cannot ${what}.`,
    {
      remedy: `That takes a task that is ${statuses.join(', ').replace(/, ([^,]*)$/, ' or $1')}: planwright explain ${plan.number}.${task.number} says what moves it on.`,
    },
  );
}

/** An edit may have put something before a task that failed. */
function requireMet({ plan, task }: TaskSlice, what: string): void {
  if (task.openDependencies === 0) return;
  throw new DomainError(
    'conflict',
    `Task ${plan.number}.${task.number} is ${task.status} and depends on what is not done (${task.openDependencies}); it cannot ${what}.`,
    { remedy: 'Retry it: it is tried again after them.' },
  );
}

/** A failed task is in good hands now. */
function mend(builder: DecisionBuilder, { slice, othersFailed }: HandState): void {
  if (slice.task.status === 'failed') goOn(builder, slice.plan, othersFailed);
}

/** Failures before a person took a failed task no longer count. */
function freshStart({ task }: TaskSlice): { readonly retryBase?: number } {
  return task.status === 'failed' ? { retryBase: task.attemptCount } : {};
}
