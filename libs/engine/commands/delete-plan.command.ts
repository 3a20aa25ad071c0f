import { DomainError } from '#domain/domain-error.js';
import type { EngineDeps } from '../deps.js';
import type { EditCommand } from './edit-plan.js';

/**
 * Deletes a plan that never started; any other that is not at work is hidden and keeps its history.
 *
 * @throws DomainError `not_found`, `conflict`, or `precondition_failed`
 */
export async function deletePlan(deps: EngineDeps, command: EditCommand): Promise<void> {
  const { planId, expectedRevision } = command;
  const outcome = await deps.store.deletePlan(planId, expectedRevision);
  if (outcome === null) throw new DomainError('not_found', `There is no plan ${planId}.`);
  if (outcome === 'busy') {
    throw new DomainError('conflict', 'The plan is at work and cannot be deleted.', {
      remedy: 'Pause or cancel it first.',
    });
  }
  if (outcome === 'changed') {
    throw new DomainError('precondition_failed', 'The plan was edited meanwhile.', {
      remedy: 'Read it again first.',
    });
  }
  deps.log.info({ planId, actorId: command.actorId, outcome }, 'a plan was deleted');
}
