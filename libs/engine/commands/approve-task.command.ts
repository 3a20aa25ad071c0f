import { DomainError } from '#domain/domain-error.js';
import { decideApprove } from '#domain/plan/decisions/approve-task.js';
import type { EngineDeps } from '../deps.js';
import { onPlan } from '../unit-of-work.js';

/** @throws DomainError `not_found`, or `conflict` naming the state */
export async function approveTask(
  deps: EngineDeps,
  command: { readonly planId: string; readonly taskNumber: number; readonly actorId: string },
): Promise<void> {
  const { planId, taskNumber, actorId } = command;
  const done = await onPlan(deps, planId, async (tx) => {
    const task = await tx.taskByNumber(taskNumber);
    if (task === null)
      throw new DomainError('not_found', `Plan ${tx.plan.number} has no task ${taskNumber}.`);
    await tx.apply(decideApprove(tx.plan, task, actorId), actorId);
    return true;
  });
  if (done === null) throw new DomainError('not_found', `There is no plan ${planId}.`);
}
