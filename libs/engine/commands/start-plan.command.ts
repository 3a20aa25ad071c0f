import { decideStart } from '#domain/plan/decisions/start-plan.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan } from './on-known-plan.js';

/** @throws DomainError `not_found`, or `conflict` naming the state */
export function startPlan(
  deps: EngineDeps,
  command: { readonly planId: string; readonly actorId: string },
): Promise<void> {
  return decideOnPlan(deps, command, async (tx) =>
    decideStart(tx.plan, await tx.firstPhase(), await tx.emptyPhase()),
  );
}
