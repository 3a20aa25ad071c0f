import { DomainError } from '#domain/domain-error.js';
import type { EngineDeps } from '../deps.js';

/** A name that a request gives, and where. */
export interface NamedActor {
  readonly name: string;
  readonly path: string;
}

/** @throws DomainError `invalid` with the place of every name that no actor has */
export async function requireActors(deps: EngineDeps, named: readonly NamedActor[]): Promise<void> {
  if (named.length === 0) return;
  const unknown = new Set(await deps.store.unknownActors([...new Set(named.map(({ name }) => name))]));
  const problems = named
    .filter(({ name }) => unknown.has(name))
    .map(({ name, path }) => ({ path, message: `there is no actor ${JSON.stringify(name)}` }));
  if (problems.length > 0) {
    throw new DomainError('invalid', 'A task is assigned to nobody that is known; nothing was changed.', {
      remedy: 'Name an actor that exists, or leave assignedTo out.',
      problems,
    });
  }
}
