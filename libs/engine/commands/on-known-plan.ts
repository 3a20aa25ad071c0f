import { DomainError } from '#domain/domain-error.js';
import type { Decision } from '#domain/plan/decision.js';
import type { TaskState } from '#domain/plan/state.js';
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
    await tx.apply(await decide(tx), command.actorId);
    return true;
  });
  if (done === null) throw new DomainError('not_found', `There is no plan ${command.planId}.`);
}

/** @throws DomainError `not_found` */
export async function requireTask(tx: PlanTx, number: number): Promise<TaskState> {
  const task = await tx.taskByNumber(number);
  if (task === null) throw new DomainError('not_found', `Plan ${tx.plan.number} has no task ${number}.`);
  return task;
}
