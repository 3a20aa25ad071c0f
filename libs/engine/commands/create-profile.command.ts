import { profileFileSchema, type ProfileFile } from '#contracts/profile/profile-file.js';
import { STARTER_PROFILES } from '#contracts/profile/starter-profiles.js';
import { DomainError } from '#domain/domain-error.js';
import type { EngineDeps } from '../deps.js';
import { profileOf } from './profile-of.js';

/** @throws DomainError `invalid`; `conflict` when the slug is taken */
export async function createProfile(
  deps: Pick<EngineDeps, 'store' | 'ids'>,
  file: ProfileFile,
): Promise<void> {
  if (await deps.store.profiles.create(deps.ids.next(), profileOf(file))) return;
  throw new DomainError('conflict', `There is a profile ${file.slug} already.`, {
    remedy: `Change it with PATCH /api/agents/${file.slug}, or \`planwright agent edit ${file.slug}\`.`,
  });
}

/** The profiles that an installation begins with; nothing where it has any. */
export function createStarterProfiles(deps: Pick<EngineDeps, 'store' | 'ids'>): Promise<void> {
  const profiles = STARTER_PROFILES.map((file) => profileOf(profileFileSchema.parse(file)));
  return deps.store.profiles.seed(profiles.map((profile) => ({ id: deps.ids.next(), profile })));
}
