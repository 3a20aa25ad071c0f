import { requireChangeable } from '#domain/profile/archive.js';
import type { EngineDeps } from '../deps.js';
import { changeProfile } from './profile-of.js';

/** A profile is given nothing any more, and stays to be looked at. @throws DomainError `not_found`; `conflict` */
export function archiveProfile(deps: Pick<EngineDeps, 'store'>, slug: string): Promise<void> {
  return changeProfile(deps, slug, (before) => {
    requireChangeable(before);
    return { ...before, status: 'archived' };
  });
}
