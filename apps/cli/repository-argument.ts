import path from 'node:path';

/** A path is meant from where the person stands; a URL is left alone. */
export function repositoryOf(given: string): string {
  return /^([a-z][a-z0-9+.-]*:\/\/|[^/\s]+@[^/\s:]+:)/i.test(given) ? given : path.resolve(given);
}
