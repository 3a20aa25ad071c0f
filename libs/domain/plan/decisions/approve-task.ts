import { DecisionBuilder, type Decision } from '../decision.js';
import { DomainError } from '../../domain-error.js';
import type { PlanState, TaskState } from '../state.js';

/**
 * A person lets a task start.
 *
 * @throws DomainError `conflict` naming the state
 */
export function decideApprove(plan: PlanState, task: TaskState, actorId: string): Decision {
  if (task.status !== 'awaiting_approval') {
    throw new DomainError(
      'conflict',
      `Task ${plan.number}.${task.number} is ${task.status}; it does not wait for an approval.`,
    );
  }
  return new DecisionBuilder(plan)
    .moveTask(task, 'ready', { approvedBy: actorId })
    .event('task.approved', { task: task.number, title: task.title })
    .done();
}
