import { decidePauseAssignment } from '#domain/plan/decisions/assign.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, requireTask, type TaskCommand } from './on-known-plan.js';

/**
 * Whose a task is does not work on it at the moment, or does again. The task itself stays where it is.
 *
 * @throws DomainError `not_found`, or `conflict` when it is nobody's or naming the state
 */
export function pauseAssignment(
  deps: EngineDeps,
  command: TaskCommand & { readonly step: 'pause' | 'resume' },
): Promise<void> {
  return decideOnPlan(deps, command, async (tx) => {
    const task = await requireTask(tx, command.taskNumber);
    return decidePauseAssignment({ plan: tx.plan, task }, await tx.activeAssignment(task.id), command.step);
  });
}
