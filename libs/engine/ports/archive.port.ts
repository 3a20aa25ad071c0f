import type { ArchiveFile } from '#contracts/archive/envelope.js';
import type { Digest } from '../archive/pieces.js';

/** A bundle that is in the mirror as a blob, and nowhere else yet. */
export interface PlanBundle {
  readonly blob: string;
  readonly digest: Digest;
  readonly refs: Readonly<Record<string, string>>;
  /** Of the commits asked for, those that the hub has no more. */
  readonly missing: readonly string[];
}

/** An archive as the hub has it. */
export interface StoredArchive {
  /** The commit whose tree holds the files. */
  readonly commit: string;
  readonly files: Readonly<Record<ArchiveFile, { readonly blob: string; readonly size: number }>>;
}

/** A commit of a branch. */
export interface LineCommit {
  readonly commit: string;
  readonly tree: string;
  /** Null: it has none. */
  readonly parent: string | null;
}

/** Archives in the hub, under `refs/planwright/archive/<plan>`. */
export interface ArchiveGit {
  /** `git --version` of the machine, as a number. */
  version(): Promise<string>;
  /**
   * Bundles a plan: its branch, what the hub keeps under its id, and the commits named. The history begins with the
   * base commit: what was before it is no evidence.
   */
  bundlePlan(input: {
    readonly repositoryId: string;
    readonly planId: string;
    readonly base: string;
    readonly branch: string;
    readonly tip: string;
    readonly commits: readonly string[];
  }): Promise<PlanBundle>;
  /**
   * The first parents of a commit, itself first, with their trees, down to `base`, which is not among them. Ends early
   * after `limit` commits, and where there is no parent.
   */
  line(input: {
    readonly repositoryId: string;
    readonly tip: string;
    readonly base: string;
    readonly limit: number;
  }): Promise<readonly LineCommit[]>;
  /** Whether the hub has these commits. @returns those that it has not */
  missing(input: {
    readonly repositoryId: string;
    readonly commits: readonly string[];
  }): Promise<readonly string[]>;
  readArchive(input: {
    readonly repositoryId: string;
    readonly planId: string;
  }): Promise<StoredArchive | null>;
  /**
   * Puts an archive in place of `expected`.
   * @returns its commit; null when something else is there
   */
  storeArchive(input: {
    readonly repositoryId: string;
    readonly planId: string;
    readonly expected: string | null;
    readonly manifest: Buffer;
    readonly envelope: Buffer;
    readonly bundle: string;
    /** One line, and seconds since the epoch. */
    readonly message: { readonly subject: string; readonly timestamp: number };
  }): Promise<string | null>;
  /** The content of one file, piece by piece. */
  readBlob(input: { readonly repositoryId: string; readonly blob: string }): AsyncIterable<Buffer>;
}
