import { decideAnswer } from '#domain/plan/decisions/questions.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, requireTask, type TaskCommand } from './on-known-plan.js';

/**
 * Answers what a task asks: its next attempt goes on where the one that asked stopped.
 *
 * @throws DomainError `not_found`, or `conflict` naming the state
 */
export function answerTask(
  deps: EngineDeps,
  command: TaskCommand & { readonly answer: string },
): Promise<void> {
  return decideOnPlan(deps, command, async (tx) =>
    decideAnswer(tx.plan, await requireTask(tx, command.taskNumber), command.answer),
  );
}
