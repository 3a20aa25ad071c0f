import type { Candidate } from '#domain/profile/choose.js';
import type { ProfileLimits, ProfileMode, ProfileStatus } from '#domain/profile/profile.js';
import type { WorkerExecutor } from './agent.port.js';

/** What an installation says of who carries tasks out. */
export interface Profile extends Omit<Candidate, 'load'>, ProfileLimits {
  readonly type: string;
  readonly mode: ProfileMode;
  readonly description: string;
  readonly executor: WorkerExecutor;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface StoredProfile extends Profile {
  readonly id: string;
  readonly load: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Who may be given a task, with what they work by. */
export type ProfileCandidate = Candidate & ProfileLimits & Pick<Profile, 'executor'>;

export interface ProfileFilter {
  readonly status?: ProfileStatus | undefined;
  readonly type?: string | undefined;
  readonly capability?: string | undefined;
}

export interface ProfileStore {
  /** By slug. */
  list(filter: ProfileFilter): Promise<readonly StoredProfile[]>;
  find(slug: string): Promise<StoredProfile | null>;
  /** @returns false when the slug is taken */
  create(id: string, profile: Profile): Promise<boolean>;
  /** Writes what `change` makes of one, but for its slug, under its lock. @returns false when there is none */
  change(slug: string, change: (before: Profile) => Profile): Promise<boolean>;
  /** Creates these where there is no profile at all: any number of processes may ask at once. */
  seed(profiles: readonly { readonly id: string; readonly profile: Profile }[]): Promise<void>;
}
