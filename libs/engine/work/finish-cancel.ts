import { decideCancelled, openIntent } from '#domain/plan/decisions/cancel-plan.js';
import type { PlanState } from '#domain/plan/state.js';
import type { OriginDeps } from '../deps.js';
import type { PlanTx } from '../ports/store.port.js';
import { onPlan } from '../unit-of-work.js';
import { isUnverified } from './verify-commit.js';

/** Each lost race is a push that was prepared before the cancellation: there is one lane, so there are few. */
const FENCE_TRIES = 5;

/**
 * Brings a plan that is being cancelled to its end. Where a push may have happened, the fence is moved first: only
 * then is the tip worth reading. Any number of these may run side by side, and again after a crash.
 *
 * @throws when the hub cannot be reached: it is tried again
 */
export async function finishCancel(deps: OriginDeps, planId: string, actorId: string): Promise<void> {
  const found = await onPlan(deps, planId, async (tx) => {
    if (tx.plan.status !== 'cancelling') return null;
    return { plan: tx.plan, intended: openIntent(await tx.openWork())?.intentNewTip ?? null };
  });
  if (found === null) return;
  const { plan, intended } = found;
  const hasLanded = intended !== null && (await fencedTip(deps, plan)) === intended;
  await onPlan(deps, planId, async (tx) => {
    if (tx.plan.status === 'cancelling') await settle(tx, hasLanded, actorId);
  });
}

/** The tip of the plan branch, which no push that was prepared before can move any more. */
async function fencedTip(deps: OriginDeps, plan: PlanState): Promise<string> {
  const { id: planId, repositoryId, branch } = plan;
  const value = `cancelled-${plan.epoch}`;
  for (let attempt = 1; attempt <= FENCE_TRIES; attempt += 1) {
    const { fence } = await deps.git.readLane({ repositoryId, planId, branch });
    const { moved } = await deps.git.moveFence({ repositoryId, planId, expected: fence, value });
    if (!moved) continue;
    deps.reach('cancel.fenced');
    return (await deps.git.readLane({ repositoryId, planId, branch })).tip ?? plan.baseCommit;
  }
  throw new Error(`the fence of plan ${plan.number} could not be moved`);
}

async function settle(tx: PlanTx, hasLanded: boolean, actorId: string): Promise<void> {
  const open = await tx.openWork();
  const integration = hasLanded ? openIntent(open) : null;
  if (integration === null) {
    await tx.apply(decideCancelled(tx.plan, open, null), actorId);
    return;
  }
  const verdict = await tx.passingVerdict(integration.attemptId);
  const verified = verdict !== null && !isUnverified(verdict);
  await tx.apply(decideCancelled(tx.plan, open, { integration, verified }), actorId);
}
