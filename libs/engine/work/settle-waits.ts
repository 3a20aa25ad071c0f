import { decideWaitOver } from '#domain/plan/decisions/wait.js';
import type { EngineDeps } from '../deps.js';
import { onPlan, unlessFenced } from '../unit-of-work.js';

/** Waits of one plan that one call ends; what is left over, the next one takes. */
const BATCH = 100;

/**
 * Lets every task of a plan go on whose wait is over. Each is a transaction of its own: completing one may end the phase,
 * open the next, or pause the plan, and the next one is judged by what is then.
 */
export async function settleWaits(deps: EngineDeps, planId: string): Promise<void> {
  for (let settled = 0; settled < BATCH; settled += 1) {
    if ((await unlessFenced(deps, () => settleOne(deps, planId))) !== true) return;
  }
}

/** @returns whether there was one */
function settleOne(deps: EngineDeps, planId: string): Promise<boolean | null> {
  return onPlan(deps, planId, async (tx) => {
    const [due] = await tx.dueWaits(1);
    if (due === undefined) return false;
    const decision = decideWaitOver(await tx.slice(due.taskId), due);
    if (decision === null) return false;
    await tx.apply(decision, deps.systemActorId);
    return true;
  });
}
