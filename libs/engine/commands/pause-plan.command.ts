import { decidePause, decidePauseNow } from '#domain/plan/decisions/control-plan.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan } from './on-known-plan.js';

/**
 * Starts no new work; what runs goes on to its end, or, with `now`, is stopped and begins again later.
 *
 * @throws DomainError `not_found`, or `conflict` naming the state
 */
export function pausePlan(
  deps: EngineDeps,
  command: {
    readonly planId: string;
    readonly actorId: string;
    readonly note?: string | undefined;
    /** Agents stop, too. */
    readonly now?: boolean | undefined;
  },
): Promise<void> {
  const note = command.note ?? null;
  return decideOnPlan(deps, command, async (tx) =>
    command.now === true
      ? decidePauseNow(tx.plan, await tx.openWork(), note)
      : decidePause(tx.plan, await tx.queued(), note),
  );
}
