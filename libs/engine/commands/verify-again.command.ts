import { decideVerifyAgain } from '#domain/plan/decisions/verify-again.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, othersFailed, requireTask, type TaskCommand } from './on-known-plan.js';

/**
 * Has the last candidate verified by the spec as it is now, after a verdict turned it down: no attempt is spent.
 *
 * @throws DomainError `not_found`, or `conflict` naming the state
 */
export function verifyAgain(deps: EngineDeps, command: TaskCommand): Promise<void> {
  return decideOnPlan(deps, command, async (tx) => {
    const { id } = await requireTask(tx, command.taskNumber);
    const latest = await tx.latestAttempt(id);
    const state = {
      slice: await tx.slice(id),
      attempt: latest?.attempt ?? null,
      integration: latest?.integration ?? null,
      specHash: (await tx.brief(id)).specHash,
      othersFailed: await othersFailed(tx, id),
    };
    return decideVerifyAgain(state, () => deps.ids.next());
  });
}
