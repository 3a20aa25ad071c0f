import type { ProfileFile } from '#contracts/profile/profile-file.js';
import { DomainError } from '#domain/domain-error.js';
import { whyNotUnder } from '#domain/profile/enforce.js';
import { toExecutor } from '../executors.js';
import type { EngineDeps } from '../deps.js';
import type { WorkerExecutor } from '../ports/agent.port.js';
import type { Profile } from '../ports/profile.port.js';

/** A profile as people write it, as it is stored. @throws DomainError `invalid` where its executor cannot be kept to it */
export function profileOf({ executor: file, ...rest }: ProfileFile): Profile {
  const executor = workerOf(file);
  const profile = { ...rest, executor };
  checkProfile(profile);
  return profile;
}

/** An executor that a profile may have. */
export function workerOf(file: ProfileFile['executor']): WorkerExecutor {
  return toExecutor(file) as WorkerExecutor;
}

/** @throws DomainError `invalid` */
export function checkProfile(profile: Profile): void {
  const message = whyNotUnder(profile, profile.executor);
  if (message === null) return;
  throw new DomainError(
    'invalid',
    `The profile ${profile.slug} could not keep its executor to what it says.`,
    {
      problems: [{ path: 'executor', message }],
    },
  );
}

/** Writes what `change` makes of a profile. @throws DomainError `not_found`, and what `change` throws */
export async function changeProfile(
  { store }: Pick<EngineDeps, 'store'>,
  slug: string,
  change: (before: Profile) => Profile,
): Promise<void> {
  if (await store.profiles.change(slug, change)) return;
  throw new DomainError('not_found', `There is no profile ${slug}.`, {
    remedy: 'GET /api/agents, or `planwright agent list`, shows those there are.',
  });
}
