import { DomainError } from '#domain/domain-error.js';
import { decideStart } from '#domain/plan/decisions/start-plan.js';
import type { EngineDeps } from '../deps.js';
import { onPlan } from '../unit-of-work.js';

/** @throws DomainError `not_found`, or `conflict` naming the state */
export async function startPlan(
  deps: EngineDeps,
  command: { readonly planId: string; readonly actorId: string },
): Promise<void> {
  const done = await onPlan(deps, command.planId, async (tx) => {
    await tx.apply(decideStart(tx.plan, await tx.firstPhase()), command.actorId);
    return true;
  });
  if (done === null) throw new DomainError('not_found', `There is no plan ${command.planId}.`);
}
