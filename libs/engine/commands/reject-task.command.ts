import { decideReject } from '#domain/plan/decisions/reject-task.js';
import { decideRejectReview } from '#domain/plan/decisions/review.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, loadReview, requireTask, type TaskCommand } from './on-known-plan.js';

/**
 * Does not let a task start, or its verified diff onto the branch: whichever it waits for.
 *
 * @throws DomainError `not_found`, or `conflict` naming the state
 */
export function rejectTask(
  deps: EngineDeps,
  command: TaskCommand & { readonly note: string },
): Promise<void> {
  const { taskNumber, note } = command;
  return decideOnPlan(deps, command, async (tx) => {
    const task = await requireTask(tx, taskNumber);
    return task.status === 'awaiting_review'
      ? decideRejectReview(await loadReview(tx, task.id), note, deps.ids.random())
      : decideReject(tx.plan, task, await tx.queued(), note);
  });
}
