import { decideReleaseTask } from '#domain/plan/decisions/by-hand.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, requireHand, type TaskCommand } from './on-known-plan.js';

/** Who has a task gives it back. @throws DomainError `not_found`, or `conflict` naming the state */
export function releaseTask(
  deps: EngineDeps,
  command: TaskCommand & { readonly note?: string | undefined; readonly token?: string | undefined },
): Promise<void> {
  return decideOnPlan(deps, command, async (tx) => {
    const hand = await requireHand(tx, command.taskNumber);
    return decideReleaseTask(hand, command.note ?? null, command.token);
  });
}
