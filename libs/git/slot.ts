import { mkdir, mkdtemp, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Candidate, CommitMessage, Workspace } from '#engine/ports/git.port.js';
import { writeAgentGitDirectory } from './agent-git-directory.js';
import { writeCommit } from './commit-object.js';
import { copyIndex } from './copy-index.js';
import { GitRefusal } from '#engine/ports/git-refusal.js';
import { exists } from './hub.js';
import type { Mirror } from './mirror.js';
import { GitError, type GitCall, type GitResult, type GitRunner } from './runner.js';
import { bytes, removeAll, sweep } from './sweep.js';
import { submodulesOf, type TreeListings } from './tree-listing.js';

/** How folders begin that a crash may have left to be removed. */
export const TRASH = '.trash-';

export interface Checkout {
  readonly commit: string;
  /** The commit whose files it begins with; what they are more or less than those of `commit` is work on it. */
  readonly files: string;
  /** The workspace's number among those in use. */
  readonly number: number;
  /** Paths that never become part of a candidate. */
  readonly exclude: readonly string[];
  readonly onRelease: () => void;
}

/**
 * One folder of a pool: `tree/` is the agent's, everything beside it is ours. Git is told where index and
 * working files are, so that nothing below `tree/` is ever its configuration.
 */
export class Slot {
  private readonly tree: string;
  /** Written by resets only: its entries then have the times git itself gave the files, never an agent's. */
  private readonly index: string;

  constructor(
    private readonly runner: GitRunner,
    private readonly mirror: Mirror,
    private readonly listings: TreeListings,
    readonly path: string,
  ) {
    this.tree = join(path, 'tree');
    this.index = join(path, 'index');
  }

  /** Throws the files away; they are moved first, so that a process left over writes elsewhere. */
  async discard(): Promise<void> {
    const trash = await mkdtemp(join(dirname(this.path), TRASH));
    for (const name of await readdir(this.path)) {
      if (!name.startsWith('lock')) await rename(join(this.path, name), join(trash, name));
    }
    await removeAll(trash);
  }

  /** True if a git process of the last owner died, or still runs, in the middle of a change. */
  async isHalfWritten(): Promise<boolean> {
    const names = await readdir(this.path);
    return names.some((name) => name.endsWith('.lock'));
  }

  /** Makes the tree equal to that of `files`, byte for byte, and hands it out. A damaged slot is built anew. */
  async checkout({ commit, files, number, exclude, onRelease }: Checkout): Promise<Workspace> {
    if (await this.isHalfWritten()) await this.discard();
    await this.reset(files).catch(async () => {
      await this.discard();
      await this.reset(files);
    });
    const { tree, index } = this;
    await writeAgentGitDirectory({ tree, commit, mirror: this.mirror.path, index, exclude });
    let released = false;
    return {
      path: this.tree,
      base: commit,
      slot: number,
      commit: async (message) => {
        if (released) throw new Error(`The workspace ${this.tree} was given back.`);
        return this.commit(commit, message, exclude);
      },
      release: async () => {
        if (!released) onRelease();
        released = true;
      },
    };
  }

  private async reset(commit: string): Promise<void> {
    if (await exists(this.index)) await sweep(this.tree, await this.listings.of(commit));
    else {
      await removeAll(this.tree);
      await mkdir(this.tree, { recursive: true });
    }
    await this.git(['read-tree', '--reset', '-u', commit], this.index);
  }

  private async commit(base: string, message: CommitMessage, exclude: readonly string[]): Promise<Candidate> {
    const { tree: baseTree } = await this.mirror.commit(base);
    const submodules = submodulesOf(await this.listings.of(base));
    // Adding changes an index; resets must keep theirs (see `index`).
    const index = join(this.path, 'index.commit');
    await copyIndex(this.index, index);
    await this.setAside(submodules, index);
    await this.add(index, exclude);
    const tree = (await this.git(['write-tree'], index)).stdout.toString('utf8').trim();
    if (tree === baseTree) return { commit: base, tree, changed: false };
    await this.refuseNewRepositories(baseTree, tree);
    const commit = await writeCommit(this.runner, this.mirror.path, { tree, parents: [base], message });
    return { commit, tree, changed: true };
  }

  /**
   * Git asks a submodule's folder for its state by running git in it, with the configuration an agent may have
   * put there. Submodules are therefore taken out of git's sight; their folders must be as they were: empty.
   */
  private async setAside(submodules: readonly string[], index: string): Promise<void> {
    if (submodules.length === 0) return;
    for (const path of submodules) {
      const names = await readdir(bytes(this.tree, path)).catch(() => ['']);
      if (names.length > 0) throw submoduleRefusal(Buffer.from(path, 'latin1').toString('utf8'));
    }
    const stdin = Buffer.from(submodules.map((path) => `${path}\0`).join(''), 'latin1');
    await this.git(['update-index', '--skip-worktree', '-z', '--stdin'], index, { stdin });
  }

  /** Ignore files are the agent's to change; a pathspec is not, and git does not even look into what it excludes. */
  private async add(index: string, exclude: readonly string[]): Promise<void> {
    const paths = exclude.flatMap(excludingPathspecs);
    const args = paths.length === 0 ? [] : ['--', ':(top)', ...paths];
    try {
      await this.git(['add', '--all', ...args], index, { env: { GIT_LITERAL_PATHSPECS: '0' } });
    } catch (error) {
      const path =
        error instanceof GitError
          ? /'(.+?)\/?' does not have a commit checked out/.exec(error.stderr)?.[1]
          : undefined;
      throw path === undefined ? error : repositoryRefusal(path);
    }
  }

  private async refuseNewRepositories(baseTree: string, tree: string): Promise<void> {
    const args = ['diff-tree', '-r', '-z', '--no-renames', baseTree, tree];
    const { stdout } = await this.runner.run({ args, gitDir: this.mirror.path });
    const fields = stdout.toString('utf8').split('\0');
    const at = fields.findIndex((field) => /^:\d+ 160000 /.test(field));
    if (at >= 0) throw repositoryRefusal(fields[at + 1] ?? '');
  }

  private git(
    args: readonly string[],
    index: string,
    { env, ...more }: Pick<GitCall, 'stdin' | 'env'> = {},
  ): Promise<GitResult> {
    return this.runner.run({
      args,
      gitDir: this.mirror.path,
      cwd: this.tree,
      env: { GIT_WORK_TREE: this.tree, GIT_INDEX_FILE: index, ...env },
      ...more,
    });
  }
}

function repositoryRefusal(path: string): GitRefusal {
  return new GitRefusal(
    `The folder ${path} is a git repository of its own.`,
    `Remove ${path}/.git, or list ${path} in .gitignore.`,
  );
}

function submoduleRefusal(path: string): GitRefusal {
  return new GitRefusal(
    `The submodule folder ${path} was changed.`,
    'Leave submodules as they are: their contents are not part of a plan.',
  );
}

/**
 * A path and all below it, left out. Git refuses a pathspec that begins with the name of an ignored path as a request to
 * add that path, even one that excludes it: the pattern therefore has no beginning without a special character.
 */
function excludingPathspecs(path: string): string[] {
  const pattern = `\\${path.charAt(0)}${path.slice(1).replaceAll(/[\\*?[\]]/g, '\\$&')}`;
  return [`:(top,exclude,glob)${pattern}`, `:(top,exclude,glob)${pattern}/**`];
}
