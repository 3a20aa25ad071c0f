import { DomainError } from '#domain/domain-error.js';
import { decideApprove } from '#domain/plan/decisions/approve-task.js';
import { decideApproveReview } from '#domain/plan/decisions/review.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, loadReview, requireTask, type TaskCommand } from './on-known-plan.js';

/**
 * Lets a task start, or its verified diff onto the branch: whichever it waits for.
 *
 * @throws DomainError `not_found`, or `conflict` naming the state, or the diff that is there now
 */
export function approveTask(
  deps: EngineDeps,
  command: TaskCommand & {
    /** The diff that the person looked at; undefined: whatever is there. */
    readonly patchId?: string | undefined;
  },
): Promise<void> {
  const { taskNumber, actorId, patchId } = command;
  return decideOnPlan(deps, command, async (tx) => {
    const task = await requireTask(tx, taskNumber);
    if (task.status === 'awaiting_review')
      return decideApproveReview(await loadReview(tx, task.id), actorId, patchId, () => deps.ids.next());
    if (patchId !== undefined) {
      throw new DomainError(
        'conflict',
        `Task ${tx.plan.number}.${taskNumber} is ${task.status}; no diff of it waits for a review.`,
      );
    }
    return decideApprove(tx.plan, task, actorId);
  });
}
