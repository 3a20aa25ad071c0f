import { DomainError } from '../../domain-error.js';
import type { Contract } from '../contracts.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import type { PlanState } from '../state.js';

/** What the iteration of a waiver says. */
export interface WaiverChange {
  readonly contract: string;
  /** When its task was done, as ISO 8601: what it proves when it is done anew stands. */
  readonly since: string;
  readonly note: string;
}

/**
 * A person ends a contract, from the next verification on.
 *
 * @param contract its name: `<task number>.<id>`
 * @throws DomainError `not_found`, or `conflict` for one that has ended
 */
export function decideWaive(
  plan: PlanState,
  contracts: readonly Contract[],
  waiver: { readonly contract: string; readonly note: string; readonly iterationId: string },
): Decision {
  const { contract: name, note, iterationId } = waiver;
  const contract = contracts.find((each) => each.name === name);
  const remedy = `planwright contracts ${plan.number} lists what stands.`;
  if (contract === undefined)
    throw new DomainError('not_found', `Plan ${plan.number} has no contract ${name}.`, { remedy });
  if (contract.end !== null) {
    const how =
      contract.end.kind === 'waived' ? 'waived' : `superseded by task ${plan.number}.${contract.end.task}`;
    throw new DomainError('conflict', `The contract ${name} of plan ${plan.number} is ${how} already.`, {
      remedy,
    });
  }
  const change: WaiverChange = { contract: name, since: contract.task.completedAt.toISOString(), note };
  const summary = `Contract ${name} waived: ${note}`;
  return new DecisionBuilder(plan)
    .add({ entity: 'new_iteration', id: iterationId, kind: 'waiver', summary, changes: [change] })
    .event('contract.waived', { contract: name, task: contract.task.number, note })
    .done();
}
