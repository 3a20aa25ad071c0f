import { DomainError } from '../domain-error.js';
import type { ProfileStatus } from './profile.js';

/** Of a profile, what says whether it can change. */
interface Kept {
  readonly slug: string;
  readonly status: ProfileStatus;
}

/** What an archived profile becomes that is brought back: nothing is given to it before somebody has looked at it. */
export const RESTORED: ProfileStatus = 'inactive';

/** An archived profile stays as it was. @throws DomainError `conflict` */
export function requireChangeable({ slug, status }: Kept): void {
  if (status !== 'archived') return;
  throw new DomainError('conflict', `The profile ${slug} is archived; it cannot change.`, {
    remedy: `Bring it back first: planwright agent restore ${slug}, or POST /api/agents/${slug}/restore`,
  });
}

/** @throws DomainError `conflict` */
export function requireArchived({ slug, status }: Kept): void {
  if (status === 'archived') return;
  throw new DomainError('conflict', `The profile ${slug} is ${status}, and not archived.`, {
    remedy: `There is nothing to bring back: planwright agent show ${slug}`,
  });
}
