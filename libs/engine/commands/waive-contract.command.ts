import { decideWaive } from '#domain/plan/decisions/waive.js';
import type { EngineDeps } from '../deps.js';
import { contractsOf } from '../verification/finished-tasks.js';
import { decideOnPlan } from './on-known-plan.js';

/**
 * A person lets later tasks break what a finished one proved. What failed for it can be retried.
 *
 * @throws DomainError `not_found`, or `conflict` for a contract that has ended
 */
export function waiveContract(
  deps: EngineDeps,
  command: {
    readonly planId: string;
    readonly actorId: string;
    /** `<task number>.<id of a rule or check>` */
    readonly contract: string;
    readonly note: string;
  },
): Promise<void> {
  const { contract, note } = command;
  return decideOnPlan(deps, command, async (tx) => {
    const contracts = contractsOf(await tx.finishedWork());
    return decideWaive(tx.plan, contracts, { contract, note, iterationId: deps.ids.next() });
  });
}
