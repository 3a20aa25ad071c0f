import type { Assignee, AssignmentContext } from '#domain/assignments/assignment.machine.js';
import { decideHandOver } from '#domain/plan/decisions/assign.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, requireHand, type TaskCommand } from './on-known-plan.js';

/**
 * Who has a task gives it, with what they know, to somebody else; a claim of it is given back.
 *
 * @throws DomainError `not_found`, or `conflict` when it is nobody's or naming the state
 */
export function handOverTask(
  deps: EngineDeps,
  command: TaskCommand & {
    readonly to: Assignee;
    readonly note: string;
    readonly context: AssignmentContext;
    readonly token?: string | undefined;
  },
): Promise<void> {
  const { taskNumber, to, note, context, token } = command;
  return decideOnPlan(deps, command, async (tx) => {
    const hand = await requireHand(tx, taskNumber);
    const held = await tx.activeAssignment(hand.slice.task.id);
    return decideHandOver(hand, held, { id: deps.ids.next(), to, note, context, token });
  });
}
