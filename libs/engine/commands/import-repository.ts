import { DomainError } from '#domain/domain-error.js';
import type { OriginDeps } from '../deps.js';
import { GitRefusal } from '../ports/git-refusal.js';
import type { ImportedBase } from '../ports/git.port.js';

export interface RepositoryImport {
  /** A local path or any git URL. */
  readonly origin: string;
  readonly actorId: string;
  /** Branch, tag or commit; the origin's current branch when null. */
  readonly base: string | null;
  /** Where the client wrote the origin, for what is wrong with it. */
  readonly field: string;
}

/**
 * Registers the repository only once its base is in the hub; a race with another registration ends in one hub.
 *
 * @throws DomainError `invalid`
 */
export async function importRepository(
  deps: OriginDeps,
  wanted: RepositoryImport,
): Promise<{ readonly repositoryId: string; readonly base: ImportedBase }> {
  const { origin, actorId } = wanted;
  const known = await deps.store.findRepository(origin);
  const id = known ?? deps.ids.next();
  const imported = await baseOf(deps, id, wanted);
  if (known !== null) return { repositoryId: id, base: imported };
  const repositoryId = await deps.store.registerRepository({
    id,
    origin,
    name: repositoryName(origin),
    actorId,
  });
  return {
    repositoryId,
    base: repositoryId === id ? imported : await baseOf(deps, repositoryId, wanted),
  };
}

/**
 * Brings the base of a repository into its hub.
 *
 * @throws DomainError `invalid`
 */
export async function baseOf(
  deps: Pick<OriginDeps, 'git'>,
  repositoryId: string,
  { origin, base, field }: Pick<RepositoryImport, 'origin' | 'base' | 'field'>,
): Promise<ImportedBase> {
  try {
    return await deps.git.importBase({ repositoryId, origin, base });
  } catch (error) {
    if (!(error instanceof GitRefusal)) throw error;
    throw new DomainError('invalid', error.reason, {
      remedy: error.remedy,
      problems: [{ path: field, message: error.reason }],
    });
  }
}

/** The last part of a path or URL, without `.git`. */
function repositoryName(origin: string): string {
  const last = origin
    .split(/[/\\:]/)
    .filter((part) => part !== '' && part !== '.git')
    .at(-1);
  return last?.replace(/\.git$/, '') ?? 'repository';
}
