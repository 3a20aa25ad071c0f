import { decideFailTask } from '#domain/plan/decisions/by-hand.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, requireHand, type TaskCommand } from './on-known-plan.js';

/** Who has a task could not do it. @throws DomainError `not_found`, or `conflict` naming the state */
export function failTask(
  deps: EngineDeps,
  command: TaskCommand & { readonly note: string; readonly token?: string | undefined },
): Promise<void> {
  return decideOnPlan(deps, command, async (tx) => {
    const hand = await requireHand(tx, command.taskNumber);
    return decideFailTask(hand, command.note, deps.ids.random(), command.token);
  });
}
