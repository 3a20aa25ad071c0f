import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import { PLAN_MOVING } from '../plan.machine.js';
import type { PlanState, QueuedTask, TaskState } from '../state.js';
import { pausePlan } from './settle.js';

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
 * A person lets a paused plan go on.
 *
 * @param failed tasks that failed for good: without a new try, nothing behind them can ever start
 * @throws DomainError `conflict` naming the state, or the tasks that would block it
 */
export function decideResume(plan: PlanState, failed: readonly TaskState[], retryFailed: boolean): Decision {
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
  const builder = new DecisionBuilder(plan);
  for (const task of failed) restart(builder, task);
  return builder.movePlan('running').event('plan.resumed').done();
}

/**
 * A person gives a failed task a fresh start: attempts before this one no longer count.
 *
 * @param othersFailed whether other tasks of the plan failed for good: then it stays paused
 * @param prompt replaces the task's prompt
 * @throws DomainError `conflict` naming the state
 */
export function decideRetryTask(
  plan: PlanState,
  task: TaskState,
  othersFailed: boolean,
  prompt: string | undefined,
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
  restart(builder, task, prompt);
  const pausedForIt =
    plan.pauseReason !== null && ['task_failed', 'spec', 'approval'].includes(plan.pauseReason);
  if (!othersFailed && pausedForIt && (plan.status === 'paused' || plan.status === 'pausing')) {
    builder.movePlan('running').event('plan.resumed');
  }
  return builder.done();
}

function restart(builder: DecisionBuilder, task: TaskState, prompt?: string): void {
  builder.moveTask(task, 'ready', {
    retryBase: task.attemptCount,
    ...(prompt === undefined ? {} : { prompt }),
  });
  builder.event('task.restarted', { task: task.number, title: task.title });
}
