import { DomainError } from '#domain/domain-error.js';
import { draftChanges, edgesOf, type Draft } from '#domain/plan/draft.js';
import { DecisionBuilder } from '#domain/plan/decision.js';
import type { EngineDeps } from '../deps.js';
import { checkEffects } from '../executors.js';
import { onPlan } from '../unit-of-work.js';

/** What every edit names. */
export interface EditCommand {
  readonly planId: string;
  readonly actorId: string;
  /** The revision the person looked at; absent: whatever is there. */
  readonly expectedRevision?: number | undefined;
}

/**
 * Edits a plan that has not started: as a whole, in one transaction, as one iteration.
 *
 * @param edit gives the new structure from the present one; `number` is free for a new task
 * @throws DomainError `not_found`, `conflict` naming the state, `precondition_failed`, or `invalid` with places
 */
export async function editPlan(
  deps: EngineDeps,
  command: EditCommand,
  summary: string,
  edit: (draft: Draft, nextTaskNumber: number) => Draft,
): Promise<void> {
  const { planId, actorId, expectedRevision } = command;
  const done = await onPlan(deps, planId, async (tx) => {
    const { plan } = tx;
    if (plan.status !== 'ready') {
      throw new DomainError(
        'conflict',
        `Plan ${plan.number} is ${plan.status}; only a plan that has not started can be edited.`,
      );
    }
    const { draft: before, revision, nextTaskNumber } = await tx.draft();
    if (expectedRevision !== undefined && expectedRevision !== revision) {
      throw new DomainError(
        'precondition_failed',
        `Plan ${plan.number} is at revision ${revision}, not ${expectedRevision}.`,
        {
          remedy: 'Read it again and repeat the edit on what it is now.',
        },
      );
    }
    const after = edit(before, nextTaskNumber);
    checkEffects(after);
    const changes = draftChanges(before, after);
    await tx.saveDraft({ before, after, edges: edgesOf(after), changes, summary, actorId });
    const event = { summary, changes: changes.map((change) => change.path) };
    await tx.apply(new DecisionBuilder(plan).event('plan.edited', event).done(), actorId);
    return true;
  });
  if (done === null) throw new DomainError('not_found', `There is no plan ${planId}.`);
}
