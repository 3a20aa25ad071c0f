import type { OriginDeps } from '../deps.js';
import { importRepository } from './import-repository.js';

/**
 * Makes a repository known, once its current branch could be read. One that is known stays as it is.
 *
 * @throws DomainError `invalid`
 */
export async function registerRepository(
  deps: OriginDeps,
  command: { readonly origin: string; readonly actorId: string },
): Promise<{ readonly id: string }> {
  const { repositoryId } = await importRepository(deps, { ...command, base: null, field: 'origin' });
  return { id: repositoryId };
}
