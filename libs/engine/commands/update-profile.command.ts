import type { z } from 'zod';
import type { profileChangeSchema } from '#contracts/profile/profile-file.js';
import { requireChangeable } from '#domain/profile/archive.js';
import type { EngineDeps } from '../deps.js';
import type { Profile } from '../ports/profile.port.js';
import { changeProfile, checkProfile, workerOf } from './profile-of.js';

export type ProfileChange = z.output<typeof profileChangeSchema>;

/**
 * Changes what a profile says; what is under way goes on as it was pinned.
 *
 * @throws DomainError `not_found`; `conflict` when it is archived; `invalid`
 */
export function updateProfile(
  deps: Pick<EngineDeps, 'store'>,
  slug: string,
  change: ProfileChange,
): Promise<void> {
  return changeProfile(deps, slug, (before) => {
    requireChangeable(before);
    const profile = changed(before, change);
    checkProfile(profile);
    return profile;
  });
}

function changed(before: Profile, { executor, constraints, ...change }: ProfileChange): Profile {
  return {
    ...before,
    ...defined(change),
    ...(executor === undefined ? {} : { executor: workerOf(executor) }),
    constraints: { ...before.constraints, ...defined(constraints ?? {}) },
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
