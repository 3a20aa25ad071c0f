/**
 * Everything the engine asks of git. A repository is named by its id only: where its hub lives (a path, the
 * API's smart HTTP, another server) is the adapter's configuration. Commits, trees and blobs are full hex ids.
 */
import type { UnfitPatch } from '#domain/patch/unfit-patch.js';
import type { Folder } from '#domain/spec/folder.js';
import type { ArchiveGit } from './archive.port.js';
import type { DeliveryGit } from './delivery.port.js';
import type { UpkeepGit } from './upkeep.port.js';

export interface ImportedBase {
  readonly commit: string;
  /** Short name of the branch the plan starts from. */
  readonly branch: string;
  /** Sentences for the person: uncommitted changes that are not part of the plan, submodules, LFS pointers … */
  readonly warnings: readonly string[];
}

export type FileStatus = 'added' | 'modified' | 'deleted' | 'renamed' | 'typechange';

export interface FileDiff {
  readonly path: string;
  /** Set for a rename. */
  readonly oldPath?: string;
  readonly status: FileStatus;
  readonly oldMode: string;
  readonly newMode: string;
  readonly binary: boolean;
  readonly addedLines: number;
  readonly removedLines: number;
  /** Unified diff; null when binary or larger than the cap, then git has it. */
  readonly text: string | null;
}

export interface TreeFile {
  readonly path: string;
  readonly mode: string;
  readonly blob: string;
  /** Bytes; 0 for a submodule. */
  readonly size: number;
}

/** Reads committed content without a checkout. */
export interface BlobSource {
  /**
   * All blobs of a commit, submodules left out, ordered by path. Files and folders that did not change since a commit
   * listed lately may be the same objects.
   */
  tree(commit: string): Promise<Folder<TreeFile>>;
  /** Contents in the order asked. */
  read(blobs: readonly string[]): Promise<readonly Buffer[]>;
}

/** A candidate: one commit on its base. `commit` equals `base` when nothing changed. */
export interface Candidate {
  readonly commit: string;
  readonly tree: string;
  readonly changed: boolean;
}

export interface CommitMessage {
  readonly subject: string;
  readonly body: string;
  readonly author: { readonly name: string; readonly email: string };
  /** Seconds since the epoch, so that the commit is a function of its inputs. */
  readonly timestamp: number;
}

/** A clean checkout from a pool, with git metadata that nothing inside it can reach. */
export interface Workspace {
  /** Absolute path of the working files. */
  readonly path: string;
  readonly base: string;
  /** Its number among the workspaces of its pool that are in use, from 0. */
  readonly slot: number;
  /** Records all working files (untracked, deleted, mode bits, symlinks; ignored files not) as one commit on the base. */
  commit(message: CommitMessage): Promise<Candidate>;
  /** Gives the slot back; the next user gets it reset, ignored files removed too. */
  release(): Promise<void>;
}

export type RebaseResult =
  | { readonly kind: 'clean'; readonly commit: string; readonly tree: string; readonly treeChanged: boolean }
  | { readonly kind: 'conflict'; readonly files: readonly string[]; readonly hunks: string };

/** What the hub holds for a plan. `null` where the ref does not exist yet. */
export interface LaneState {
  readonly tip: string | null;
  readonly fence: string | null;
}

export type PlanPush = { readonly kind: 'pushed' } | { readonly kind: 'refused'; readonly reason: string };

export interface HubRef {
  readonly ref: string;
  readonly commit: string;
}

/** The plan branch goes back, or over, to a commit that it had once. */
export interface BranchRewind {
  readonly repositoryId: string;
  readonly planId: string;
  readonly branch: string;
  /** The number under which the hub keeps what is left. */
  readonly lineage: number;
  readonly from: string;
  readonly to: string;
  readonly fenceValue: string;
}

export type PublishResult =
  | { readonly kind: 'published' }
  | { readonly kind: 'refused'; readonly reason: string; readonly remedy: string };

export type PatchResult =
  | { readonly kind: 'clean'; readonly commit: string }
  | { readonly kind: 'conflict'; readonly places: readonly UnfitPatch[] };

export interface GitPort {
  // --- The origin: only the process that holds its credentials calls these. ---
  /** Creates the hub where it is missing and brings the base branch into it. Refuses with a sentence what cannot work. */
  importBase(input: {
    readonly repositoryId: string;
    readonly origin: string;
    /** null: the origin's current branch. */
    readonly base: string | null;
  }): Promise<ImportedBase>;
  /**
   * Brings what a person handed in from the origin into the hub: a branch, a tag, a full ref or a full commit id.
   *
   * @param input.name of the submission: one path component that no other has
   * @returns its commit
   * @throws GitRefusal
   */
  importSubmission(input: {
    readonly repositoryId: string;
    readonly origin: string;
    readonly ref: string;
    readonly name: string;
  }): Promise<string>;
  /** Brings a verified commit to a branch of the origin, fast-forward only but for what rewinds left there. */
  publish(input: {
    readonly repositoryId: string;
    readonly origin: string;
    readonly branch: string;
    readonly commit: string;
    /** Tips that rewinds left. A branch that is at one of their commits is taken back from it, and from nothing else. */
    readonly left: readonly string[];
  }): Promise<PublishResult>;

  // --- The hub: any worker. ---
  /** `pool` keeps what agents wrote apart from where it is judged, and from where set-ups run. */
  openWorkspace(input: {
    readonly repositoryId: string;
    readonly commit: string;
    /** A commit whose files it begins with, as work on `commit`; default: those of `commit`. */
    readonly files?: string;
    readonly pool: 'executor' | 'verifier' | 'setup';
    /** Untracked paths that never become part of a candidate, whatever the tree's ignore files say. */
    readonly exclude?: readonly string[];
  }): Promise<Workspace>;
  /** Pushes a commit to a ref of the hub that must not exist yet; the same commit there already is success. */
  pushNew(input: {
    readonly repositoryId: string;
    readonly commit: string;
    readonly ref: string;
  }): Promise<void>;
  /** Whether a ref below `refs/planwright/submissions/` of the hub is at this commit: somebody pushed it there. */
  isSubmission(input: { readonly repositoryId: string; readonly commit: string }): Promise<boolean>;
  /**
   * Everything that a line of commits changes since its merge base with `onto`, as one commit on `onto`; `onto` itself
   * where that is nothing.
   *
   * @throws GitRefusal for commits without a common history
   */
  squash(input: {
    readonly repositoryId: string;
    readonly commit: string;
    readonly onto: string;
    readonly message: CommitMessage;
  }): Promise<RebaseResult>;
  /**
   * The text of a unified diff, applied to a commit as a whole, as one commit on it; the commit itself where it changes
   * nothing.
   *
   * @throws GitRefusal for what is no such diff, or holds binary parts
   */
  applyPatch(input: {
    readonly repositoryId: string;
    readonly patch: string;
    readonly onto: string;
    readonly message: CommitMessage;
  }): Promise<PatchResult>;
  /** `git patch-id --stable` of what differs between two commits: the same wherever the same diff is applied. */
  patchId(input: {
    readonly repositoryId: string;
    readonly from: string;
    readonly to: string;
  }): Promise<string>;
  /** Replays a candidate (one commit on its base) onto another commit, without a checkout. */
  rebase(input: {
    readonly repositoryId: string;
    readonly candidate: string;
    readonly onto: string;
    readonly message: CommitMessage;
  }): Promise<RebaseResult>;
  readLane(input: {
    readonly repositoryId: string;
    readonly planId: string;
    readonly branch: string;
  }): Promise<LaneState>;
  /** Moves the fence from what was read to a new value, so that whoever holds the old one can push no more. */
  moveFence(input: {
    readonly repositoryId: string;
    readonly planId: string;
    readonly expected: string | null;
    /** Unique per holder, e.g. `<integration>-<token>`. */
    readonly value: string;
  }): Promise<{ readonly moved: boolean; readonly fence: string | null }>;
  /** One atomic push with leases on the plan branch and on the fence. */
  pushPlanBranch(input: {
    readonly repositoryId: string;
    readonly planId: string;
    readonly branch: string;
    readonly expectedTip: string | null;
    readonly newTip: string;
    readonly expectedFence: string | null;
    readonly fenceValue: string;
  }): Promise<PlanPush>;
  /** Refs of the hub whose names begin with one of these. */
  listRefs(input: {
    readonly repositoryId: string;
    readonly under: readonly string[];
  }): Promise<readonly HubRef[]>;
  /** Removes refs of the hub that are still where they were seen; one that is not is left alone, or gone already. */
  deleteRefs(input: { readonly repositoryId: string; readonly refs: readonly HubRef[] }): Promise<void>;
  /**
   * One atomic push, with leases: the fence moves, what is left is kept under its lineage, and the branch goes to `to`.
   * What was done before is done: it may be repeated. Refused where the branch is neither here nor there.
   */
  rewindPlanBranch(input: BranchRewind): Promise<PlanPush>;
  diff(input: {
    readonly repositoryId: string;
    readonly from: string;
    readonly to: string;
  }): Promise<readonly FileDiff[]>;
  /** Object id of a commit's tree: equal where every file is. */
  treeOf(input: { readonly repositoryId: string; readonly commit: string }): Promise<string>;
  blobs(repositoryId: string): BlobSource;
  readonly archives: ArchiveGit;
  readonly deliveries: DeliveryGit;
  readonly upkeep: UpkeepGit;
  /** Ends long-lived helper processes. */
  close(): Promise<void>;
}
