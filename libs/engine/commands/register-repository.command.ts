import type { OriginDeps } from '../deps.js';
import { importRepository, type RepositoryImport } from './import-repository.js';

export interface RegisterCommand extends Pick<RepositoryImport, 'origin' | 'actorId'> {
  /** Where the client wrote the origin: `origin`, unless it says otherwise. */
  readonly field?: string;
}

/**
 * Makes a repository known, once its current branch could be read. One that is known stays as it is.
 *
 * @throws DomainError `invalid`
 */
export async function registerRepository(
  deps: OriginDeps,
  { origin, actorId, field = 'origin' }: RegisterCommand,
): Promise<{ readonly id: string }> {
  const { repositoryId } = await importRepository(deps, { origin, actorId, base: null, field });
  return { id: repositoryId };
}
