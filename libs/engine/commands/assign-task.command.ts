import { decideAssign } from '#domain/plan/decisions/by-hand.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, requireTask, type TaskCommand } from './on-known-plan.js';

/** Says whose a task is; null: nobody's. @throws DomainError `not_found`, or `conflict` naming the state */
export function assignTask(
  deps: EngineDeps,
  command: TaskCommand & {
    /** By name; who is not known yet becomes an actor. */
    readonly assignedTo: string | null;
  },
): Promise<void> {
  const { taskNumber, assignedTo } = command;
  return decideOnPlan(deps, command, async (tx) =>
    decideAssign({ plan: tx.plan, task: await requireTask(tx, taskNumber) }, assignedTo),
  );
}
