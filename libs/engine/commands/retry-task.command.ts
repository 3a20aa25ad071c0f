import { decideRetryTask } from '#domain/plan/decisions/control-plan.js';
import type { EngineDeps } from '../deps.js';
import type { ExecutorConfig } from '../ports/agent.port.js';
import { defined } from './defined.js';
import { decideOnPlan, othersFailed, requireTask, type TaskCommand } from './on-known-plan.js';

/**
 * Gives a failed task a fresh start; a plan that paused only for it goes on.
 *
 * @throws DomainError `not_found`, or `conflict` naming the state
 */
export function retryTask(
  deps: EngineDeps,
  command: TaskCommand & {
    /** Replaces the task's prompt. */
    readonly prompt?: string | undefined;
    /** Replaces who carries it out. */
    readonly executor?: ExecutorConfig | undefined;
    /** The next attempt is told. */
    readonly note?: string | undefined;
  },
): Promise<void> {
  const { prompt, executor, note } = command;
  return decideOnPlan(deps, command, async (tx) => {
    const task = await requireTask(tx, command.taskNumber);
    const failed = await othersFailed(tx, task.id);
    return decideRetryTask(tx.plan, task, failed, defined({ prompt, executor, note }));
  });
}
