import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import type { PlanState, QueuedTask, TaskState } from '../state.js';
import { pausePlan } from './settle.js';

/**
 * A person does not let a task start. The plan waits with the note; a retry (with another prompt) asks again.
 *
 * @throws DomainError `conflict` naming the state
 */
export function decideReject(
  plan: PlanState,
  task: TaskState,
  queued: readonly QueuedTask[],
  note: string,
): Decision {
  if (task.status !== 'awaiting_approval') {
    throw new DomainError(
      'conflict',
      `Task ${plan.number}.${task.number} is ${task.status}; it does not wait for an approval.`,
    );
  }
  const builder = new DecisionBuilder(plan);
  builder
    .moveTask(task, 'failed', { note })
    .event('task.rejected', { task: task.number, title: task.title, note });
  pausePlan(builder, queued, 'approval', `Task ${plan.number}.${task.number} was rejected: ${note}`);
  return builder.done();
}
