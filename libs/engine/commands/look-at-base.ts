import { DecisionBuilder } from '#domain/plan/decision.js';
import type { EngineDeps } from '../deps.js';
import type { PlanTx } from '../ports/store.port.js';

/**
 * Has the verifier look how the specs of tasks without dependencies stand on the plan's base, where nobody has: one that
 * is green there would prove nothing. Nothing waits for it.
 */
export async function lookAtBase(deps: EngineDeps, tx: PlanTx): Promise<void> {
  const id = deps.ids.next();
  if (!(await tx.addBaseJudgement(id))) return;
  await tx.apply(new DecisionBuilder(tx.plan).deliver('judge', id, 1).done(), deps.systemActorId);
}
