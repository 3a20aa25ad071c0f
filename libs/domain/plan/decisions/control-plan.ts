import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import { PLAN_MOVING } from '../plan.machine.js';
import type { ExecutorKind, PhaseState, PlanState, QueuedTask, TaskState } from '../state.js';
import type { OpenWork } from './cancel-plan.js';
import { completePlan, goOn, openPhase, pausePlan, settlePause } from './settle.js';

/**
 * A person stops new work; what runs goes on to its end.
 *
 * @param queued tasks with a slot that no worker has claimed: they give it back
 * @throws DomainError `conflict` naming the state
 */
export function decidePause(plan: PlanState, queued: readonly QueuedTask[], note: string | null): Decision {
  if (plan.status !== 'running') {
    throw new DomainError(
      'conflict',
      `Plan ${plan.number} is ${plan.status}; only a running plan can pause.`,
    );
  }
  const builder = new DecisionBuilder(plan);
  pausePlan(builder, queued, 'user', note);
  return builder.done();
}

/**
 * A person stops what runs, too. The plan's epoch is another one: agents stop, and their tasks are ready again. What was
 * executed goes on to its end in the new epoch, and what people have stays theirs.
 *
 * @returns an empty decision for a plan that pauses already and in which no worker executes anything
 * @throws DomainError `conflict` naming the state
 */
export function decidePauseNow(plan: PlanState, open: OpenWork, note: string | null): Decision {
  if (plan.status !== 'running' && plan.status !== 'pausing') {
    throw new DomainError(
      'conflict',
      `Plan ${plan.number} is ${plan.status}; only a plan that runs or pauses can be stopped.`,
    );
  }
  const builder = new DecisionBuilder(plan);
  const stopped = open.attempts.flatMap((attempt) => {
    const task = open.tasks.find(({ id }) => id === attempt.taskId);
    const isHeld = attempt.status === 'queued' || (attempt.status === 'running' && !attempt.byHand);
    return task !== undefined && isHeld ? [{ task, attempt }] : [];
  });
  if (stopped.length === 0 && plan.status === 'pausing') return builder.done();
  for (const { task, attempt } of stopped) {
    const message = 'the plan was paused at once';
    builder.moveAttempt(attempt, 'cancelled', 'clear', { failure: 'cancelled', message });
    builder.moveTask(task, 'ready');
    if (attempt.status === 'running')
      builder.event('attempt.returned', { task: task.number, attempt: attempt.number, message });
  }
  const epoch = plan.epoch + 1;
  if (plan.status === 'running') {
    builder.movePlan('pausing', { epoch, pauseReason: 'user', pauseNote: note });
    builder.event('plan.pausing', { reason: 'user', note, now: true });
  } else {
    builder.movePlan('pausing', { epoch });
    builder.event('plan.pausing', { reason: plan.pauseReason, note, now: true });
  }
  builder.add({ entity: 'adopt_epoch' });
  settlePause(builder);
  return builder.done();
}

/**
 * A person lets a paused plan go on.
 *
 * @param failed tasks that failed for good: without a new try, nothing behind them can ever start
 * @param phaseToOpen the pending phase that it paused before, if any
 * @param overBudget why the next call of a model would stop it again, if it would
 * @throws DomainError `conflict` naming the state, the tasks that would block it, or the budget that is used up
 */
export function decideResume(
  plan: PlanState,
  failed: readonly TaskState[],
  retryFailed: boolean,
  phaseToOpen: PhaseState | null = null,
  overBudget: string | null = null,
): Decision {
  if (plan.status !== 'paused' && plan.status !== 'pausing') {
    throw new DomainError(
      'conflict',
      `Plan ${plan.number} is ${plan.status}; only a paused plan can resume.`,
    );
  }
  if (failed.length > 0 && !retryFailed) {
    const names = failed.map((task) => `${plan.number}.${task.number}`).join(', ');
    throw new DomainError('conflict', `Plan ${plan.number} cannot go on: failed tasks (${names}) block it.`, {
      remedy: 'Retry them one by one, or resume with retryFailed.',
    });
  }
  if (overBudget !== null)
    throw new DomainError('conflict', `Plan ${plan.number} would stop again at once. ${overBudget}`);
  const builder = new DecisionBuilder(plan);
  for (const task of failed) restart(builder, task, {});
  builder.movePlan('running').event('plan.resumed');
  if (phaseToOpen !== null) openPhase(builder, phaseToOpen);
  // An edit deleted every phase that was left.
  else if (plan.openPhases === 0) completePlan(builder, plan);
  return builder.done();
}

/** What a person changes of a task that is tried again. */
export interface RetryChanges {
  readonly prompt?: string;
  /** As it is stored. */
  readonly executor?: { readonly kind: ExecutorKind };
  /** The next attempt is told. */
  readonly note?: string;
}

/**
 * A person gives a failed task a fresh start: attempts before this one no longer count.
 *
 * @param othersFailed whether other tasks of the plan failed for good: then it stays paused
 * @throws DomainError `conflict` naming the state
 */
export function decideRetryTask(
  plan: PlanState,
  task: TaskState,
  othersFailed: boolean,
  changes: RetryChanges,
): Decision {
  if (!PLAN_MOVING.includes(plan.status)) {
    throw new DomainError(
      'conflict',
      `Plan ${plan.number} is ${plan.status}; its tasks cannot be tried again.`,
    );
  }
  if (task.status !== 'failed') {
    throw new DomainError(
      'conflict',
      `Task ${plan.number}.${task.number} is ${task.status}; only a failed task can be tried again.`,
    );
  }
  const builder = new DecisionBuilder(plan);
  restart(builder, task, changes);
  goOn(builder, plan, othersFailed);
  return builder.done();
}

function restart(builder: DecisionBuilder, task: TaskState, changes: RetryChanges): void {
  // An edit may have put something before it.
  const to = task.openDependencies === 0 ? 'ready' : 'pending';
  const written = changes.executor === undefined ? {} : ({ writtenBy: 'person' } as const);
  builder.moveTask(task, to, { retryBase: task.attemptCount, ...changes, ...written });
  builder.event('task.restarted', { task: task.number, title: task.title });
}
