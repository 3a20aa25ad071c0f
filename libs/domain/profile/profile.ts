/** Who carries tasks out: what they can do, and what they are kept to. */

/** What somebody can say that a profile is; only active ones are given work. */
export const SETTABLE_STATUSES = ['active', 'inactive'] as const;
export const PROFILE_STATUSES = [...SETTABLE_STATUSES, 'archived'] as const;
export type ProfileStatus = (typeof PROFILE_STATUSES)[number];

export const PROFILE_MODES = ['implementation', 'planning', 'review'] as const;
export type ProfileMode = (typeof PROFILE_MODES)[number];

/** Tools of a model that a profile can offer; those that end or rest a session always are. */
export const PROFILE_TOOLS = [
  'read_file',
  'write_file',
  'edit_file',
  'run_command',
  'list_files',
  'search',
  'find_symbols',
  'analogous_patterns',
  'verify',
] as const;
export type ProfileTool = (typeof PROFILE_TOOLS)[number];

export interface Capability {
  readonly name: string;
  /** How well, from 1 to 5. */
  readonly level: number;
}

/** Where a candidate may reach. */
export interface WriteLimits {
  /** Globs of the files that it may write; empty: all. */
  readonly writes: readonly string[];
  /** Globs of files that it may not, whatever `writes` says. */
  readonly forbids: readonly string[];
  /** Files that it may add, change or remove; null: any number. */
  readonly maxFiles: number | null;
  /** Lines added and removed; null: any number. */
  readonly maxLines: number | null;
}

export interface Constraints extends WriteLimits {
  /** False takes away what network the executor has; true grants none. */
  readonly network: boolean;
  /** First words of the lines that it may run; null: any line. */
  readonly commands: readonly string[] | null;
}

/** What holds whoever works under a profile. */
export interface ProfileLimits {
  readonly constraints: Constraints;
  /** Tools that a model is offered; null: all. */
  readonly tools: readonly ProfileTool[] | null;
}

/** What an attempt keeps of the profile that it was given. */
export interface PinnedProfile extends ProfileLimits {
  readonly slug: string;
  /** One sentence: why this one. */
  readonly reason: string;
}
