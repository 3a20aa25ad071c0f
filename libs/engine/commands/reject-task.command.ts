import { decideReject } from '#domain/plan/decisions/reject-task.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, requireTask } from './on-known-plan.js';

/** @throws DomainError `not_found`, or `conflict` naming the state */
export function rejectTask(
  deps: EngineDeps,
  command: {
    readonly planId: string;
    readonly taskNumber: number;
    readonly actorId: string;
    readonly note: string;
  },
): Promise<void> {
  return decideOnPlan(deps, command, async (tx) =>
    decideReject(tx.plan, await requireTask(tx, command.taskNumber), await tx.queued(), command.note),
  );
}
