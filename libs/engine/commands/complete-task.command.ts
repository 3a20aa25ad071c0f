import { decideCompleteByHand } from '#domain/plan/decisions/by-hand.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, requireHand, type TaskCommand } from './on-known-plan.js';

/** A person says that a task is done; nobody verifies it. @throws DomainError `not_found`, or `conflict` naming the state */
export function completeTask(
  deps: EngineDeps,
  command: TaskCommand & { readonly note: string; readonly token?: string | undefined },
): Promise<void> {
  return decideOnPlan(deps, command, async (tx) => {
    const hand = await requireHand(tx, command.taskNumber);
    return decideCompleteByHand(hand, command.note, command.token);
  });
}
