import { decidePause } from '#domain/plan/decisions/control-plan.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan } from './on-known-plan.js';

/** Starts no new work; what runs goes on to its end. @throws DomainError `not_found`, or `conflict` naming the state */
export function pausePlan(
  deps: EngineDeps,
  command: { readonly planId: string; readonly actorId: string; readonly note?: string | undefined },
): Promise<void> {
  return decideOnPlan(deps, command, async (tx) =>
    decidePause(tx.plan, await tx.queued(), command.note ?? null),
  );
}
