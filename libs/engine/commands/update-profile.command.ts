import type { z } from 'zod';
import type { profileChangeSchema } from '#contracts/profile/profile-file.js';
import { DomainError } from '#domain/domain-error.js';
import type { EngineDeps } from '../deps.js';
import type { Profile } from '../ports/profile.port.js';
import { checkProfile, workerOf } from './profile-of.js';

export type ProfileChange = z.output<typeof profileChangeSchema>;

/**
 * Changes what a profile says; what is under way goes on as it was pinned.
 *
 * @throws DomainError `not_found`; `invalid`
 */
export async function updateProfile(
  deps: Pick<EngineDeps, 'store'>,
  slug: string,
  change: ProfileChange,
): Promise<void> {
  const found = await deps.store.profiles.change(slug, (before) => {
    const profile = changed(before, change);
    checkProfile(profile);
    return profile;
  });
  if (found) return;
  throw new DomainError('not_found', `There is no profile ${slug}.`, {
    remedy: 'GET /api/agents, or `planwright agent list`, shows those there are.',
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
