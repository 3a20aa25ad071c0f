import { DomainError } from '#domain/domain-error.js';

/** The ETag of a plan at a revision. */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/**
 * The revision that an edit is based on, as commands take it.
 *
 * @returns nothing when any revision will do: no header, or `*`
 * @throws DomainError `invalid` when it is no ETag of ours, `precondition_failed` when it is one that cannot match
 */
export function expectedRevision(ifMatch: string | undefined): { readonly expectedRevision?: number } {
  if (ifMatch === undefined || ifMatch.trim() === '*') return {};
  const match = /^\s*(W\/)?"([^"]*)"\s*$/.exec(ifMatch);
  if (match === null) {
    throw new DomainError('invalid', 'If-Match is not an ETag.', {
      remedy: 'Send the ETag of the plan as it was given, with its quotes, such as "3".',
      problems: [{ path: 'If-Match', message: 'must be one ETag in quotes, or *' }],
    });
  }
  const [, weak, revision = ''] = match;
  if (weak !== undefined || !/^\d{1,9}$/.test(revision)) {
    throw new DomainError('precondition_failed', `No revision of a plan has the ETag ${ifMatch.trim()}.`, {
      remedy: 'Read the plan again and send its ETag.',
    });
  }
  return { expectedRevision: Number(revision) };
}
