import { decideClaimTask } from '#domain/plan/decisions/by-hand.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, requireHand, type TaskCommand } from './on-known-plan.js';

/** A person, or a program outside, takes a task. @throws DomainError `not_found`, or `conflict` naming the state */
export function claimTask(deps: EngineDeps, command: TaskCommand): Promise<void> {
  return decideOnPlan(deps, command, async (tx) => {
    const hand = await requireHand(tx, command.taskNumber);
    return decideClaimTask(hand, command.actorId, () => deps.ids.next());
  });
}
