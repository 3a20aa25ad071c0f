import type { Assignee, AssignmentContext } from '#domain/assignments/assignment.machine.js';
import { decideAssign } from '#domain/plan/decisions/assign.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, requireTask, type TaskCommand } from './on-known-plan.js';

/** Says whose a task is; null: nobody's. @throws DomainError `not_found`, or `conflict` naming the state */
export function assignTask(
  deps: EngineDeps,
  command: TaskCommand & {
    readonly to: Assignee | null;
    readonly note: string | null;
    readonly context: AssignmentContext;
  },
): Promise<void> {
  const { taskNumber, to, note, context } = command;
  return decideOnPlan(deps, command, async (tx) => {
    const slice = { plan: tx.plan, task: await requireTask(tx, taskNumber) };
    return decideAssign(slice, { id: deps.ids.next(), to, note, context });
  });
}
