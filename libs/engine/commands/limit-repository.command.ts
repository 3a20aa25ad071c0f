import { DomainError } from '#domain/domain-error.js';
import type { EngineDeps } from '../deps.js';

/**
 * Says how many tasks of all plans on a repository may be active at once. What runs goes on; plans are given slots by
 * the new limit from their next dispatch.
 *
 * @throws DomainError `not_found`
 */
export async function limitRepository(
  deps: EngineDeps,
  command: {
    readonly repositoryId: string;
    /** Null: no limit. */
    readonly maxTasks: number | null;
  },
): Promise<void> {
  const { repositoryId, maxTasks } = command;
  if (!(await deps.store.limitRepository(repositoryId, maxTasks)))
    throw new DomainError('not_found', `There is no repository ${repositoryId}.`);
}
