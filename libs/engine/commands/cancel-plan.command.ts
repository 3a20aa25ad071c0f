import { decideCancel } from '#domain/plan/decisions/cancel-plan.js';
import type { OriginDeps } from '../deps.js';
import { finishCancel } from '../work/finish-cancel.js';
import { decideOnPlan } from './on-known-plan.js';

/**
 * Ends a plan for good: agents stop, what waits never starts. A commit that reached the plan branch stays, and its task
 * is completed. Where the hub cannot be reached the plan stays `cancelling`, and the reconciler ends it.
 *
 * @throws DomainError `not_found`, or `conflict` naming the state
 */
export async function cancelPlan(
  deps: OriginDeps,
  command: { readonly planId: string; readonly actorId: string; readonly note?: string | undefined },
): Promise<void> {
  const { planId, actorId, note } = command;
  await decideOnPlan(deps, command, async (tx) => decideCancel(tx.plan, note ?? null));
  try {
    await finishCancel(deps, planId, actorId);
  } catch (error) {
    deps.log.warn({ err: error, planId }, 'a plan could not be cancelled at once; the reconciler goes on');
  }
}
