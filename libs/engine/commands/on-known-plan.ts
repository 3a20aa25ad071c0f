import { DomainError } from '#domain/domain-error.js';
import type { Decision } from '#domain/plan/decision.js';
import type { HandState } from '#domain/plan/decisions/by-hand.js';
import type { ReviewState } from '#domain/plan/decisions/review.js';
import type { PlanState, TaskState } from '#domain/plan/state.js';
import type { EngineDeps } from '../deps.js';
import type { PlanTx } from '../ports/store.port.js';
import { onPlan } from '../unit-of-work.js';

/**
 * A person's command on a plan: decides and writes in its name.
 *
 * @throws DomainError `not_found` when there is no such plan, and what `decide` throws
 */
export async function decideOnPlan(
  deps: EngineDeps,
  command: { readonly planId: string; readonly actorId: string },
  decide: (tx: PlanTx) => Promise<Decision>,
): Promise<void> {
  const done = await onPlan(deps, command.planId, async (tx) => {
    refuseArchived(tx.plan);
    await tx.apply(await decide(tx), command.actorId);
    return true;
  });
  if (done === null) throw new DomainError('not_found', `There is no plan ${command.planId}.`);
}

/** Whatever a command would say of its own: nothing of an archived plan changes. @throws DomainError `conflict` */
function refuseArchived({ number, status }: PlanState): void {
  if (status !== 'archived') return;
  throw new DomainError('conflict', `Plan ${number} is archived: nothing of it can change.`, {
    remedy: `Save its archive with: planwright archive ${number} --output FILE`,
  });
}

/** Which task, and in whose name. */
export interface TaskCommand {
  readonly planId: string;
  readonly taskNumber: number;
  readonly actorId: string;
}

/** @throws DomainError `not_found` */
export async function requireTask(tx: PlanTx, number: number): Promise<TaskState> {
  const task = await tx.taskByNumber(number);
  if (task === null) throw new DomainError('not_found', `Plan ${tx.plan.number} has no task ${number}.`);
  return task;
}

/** A task that a person takes, or has. @throws DomainError `not_found` */
export async function requireHand(tx: PlanTx, number: number): Promise<HandState> {
  const { id } = await requireTask(tx, number);
  const slice = await tx.slice(id);
  const latest = slice.task.status === 'claimed' ? await tx.latestAttempt(id) : null;
  return { slice, attempt: latest?.attempt ?? null, othersFailed: await othersFailed(tx, id) };
}

/** A task that waits for its review. */
export async function loadReview(tx: PlanTx, taskId: string): Promise<ReviewState> {
  const latest = await tx.latestAttempt(taskId);
  if (latest === null) throw new Error(`task ${taskId} awaits a review and has no attempt`);
  const lane = await tx.lane();
  const laneFree = lane.holder === null && lane.next === null;
  return { slice: await tx.slice(taskId), ...latest, laneFree };
}

/** Whether a task of the plan other than this one failed for good. */
export async function othersFailed(tx: PlanTx, taskId: string): Promise<boolean> {
  return (await tx.failedTasks()).some(({ id }) => id !== taskId);
}
