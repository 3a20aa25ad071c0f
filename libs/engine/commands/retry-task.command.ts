import { decideRetryTask } from '#domain/plan/decisions/control-plan.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, requireTask } from './on-known-plan.js';

/**
 * Gives a failed task a fresh start; a plan that paused only for it goes on.
 *
 * @throws DomainError `not_found`, or `conflict` naming the state
 */
export function retryTask(
  deps: EngineDeps,
  command: {
    readonly planId: string;
    readonly taskNumber: number;
    readonly actorId: string;
    /** Replaces the task's prompt. */
    readonly prompt?: string | undefined;
  },
): Promise<void> {
  return decideOnPlan(deps, command, async (tx) => {
    const task = await requireTask(tx, command.taskNumber);
    const others = (await tx.failedTasks()).some((failed) => failed.id !== task.id);
    return decideRetryTask(tx.plan, task, others, command.prompt);
  });
}
