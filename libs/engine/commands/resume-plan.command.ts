import { decideResume } from '#domain/plan/decisions/control-plan.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan } from './on-known-plan.js';

/**
 * Lets a paused plan go on.
 *
 * @throws DomainError `not_found`, or `conflict` naming the state, the failed tasks that block it, or the budget that is used up
 */
export function resumePlan(
  deps: EngineDeps,
  command: {
    readonly planId: string;
    readonly actorId: string;
    /** Gives every failed task a fresh start. */
    readonly retryFailed?: boolean | undefined;
  },
): Promise<void> {
  return decideOnPlan(deps, command, async (tx) =>
    decideResume(
      tx.plan,
      await tx.failedTasks(),
      command.retryFailed === true,
      await tx.phaseToOpen(),
      await tx.overBudget(),
    ),
  );
}
