import { requireArchived, RESTORED } from '#domain/profile/archive.js';
import type { EngineDeps } from '../deps.js';
import { changeProfile } from './profile-of.js';

/** Brings an archived profile back, inactive as yet. @throws DomainError `not_found`; `conflict` */
export function restoreProfile(deps: Pick<EngineDeps, 'store'>, slug: string): Promise<void> {
  return changeProfile(deps, slug, (before) => {
    requireArchived(before);
    return { ...before, status: RESTORED };
  });
}
