import { decideSkip } from '#domain/plan/decisions/skip-task.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, othersFailed, requireTask, type TaskCommand } from './on-known-plan.js';

/** Leaves a task out. @throws DomainError `not_found`, or `conflict` naming the state */
export function skipTask(
  deps: EngineDeps,
  command: TaskCommand & {
    /** Whether what depends on it may go on as if it were done. */
    readonly satisfies: boolean;
    readonly note?: string | undefined;
  },
): Promise<void> {
  const { satisfies, note = null } = command;
  return decideOnPlan(deps, command, async (tx) => {
    const { id } = await requireTask(tx, command.taskNumber);
    return decideSkip(await tx.slice(id), { satisfies, note }, await othersFailed(tx, id));
  });
}
