import { decideApprove } from '#domain/plan/decisions/approve-task.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, requireTask } from './on-known-plan.js';

/** @throws DomainError `not_found`, or `conflict` naming the state */
export function approveTask(
  deps: EngineDeps,
  command: { readonly planId: string; readonly taskNumber: number; readonly actorId: string },
): Promise<void> {
  return decideOnPlan(deps, command, async (tx) =>
    decideApprove(tx.plan, await requireTask(tx, command.taskNumber), command.actorId),
  );
}
