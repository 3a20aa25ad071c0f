import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { GitRefusal } from '#engine/ports/git-refusal.js';
import { fileId, fullRef, shellQuoted } from './names.js';
import { GitRunner, type GitCall } from './runner.js';

/** A person's working tree as one commit, under a ref of their repository that is removed afterwards. */
export interface SharedWorkingTree {
  readonly ref: string;
  readonly commit: string;
  /** Takes the ref away. */
  remove(): Promise<void>;
}

export interface Caller {
  /** A folder inside the person's checkout. */
  readonly cwd: string;
  /** PATH that git is found by, and HOME, so that the person's own rules for ignored files hold. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const AUTHOR = {
  GIT_AUTHOR_NAME: 'Planwright',
  GIT_AUTHOR_EMAIL: 'planwright@localhost',
  GIT_COMMITTER_NAME: 'Planwright',
  GIT_COMMITTER_EMAIL: 'planwright@localhost',
};

/**
 * Whether the checkout that somebody stands in belongs to the repository at a path: it is it, or a worktree of it.
 *
 * @throws GitRefusal when they stand in no repository
 */
export async function belongsTo(caller: Caller, repository: string): Promise<boolean> {
  return withGit(caller, async (git) => {
    const [own, other] = [await commonDir(git, caller.cwd), await commonDir(git, repository)];
    if (own === null) throw noCheckout(caller.cwd);
    return own === other;
  });
}

/**
 * Makes a commit of all working files (untracked ones too, ignored ones not) on HEAD. Index, HEAD, branches and stash
 * stay as they are: the commit is made with an index of its own and named by a private ref.
 *
 * @param name one path component that no other has
 * @throws GitRefusal for what the person has to mend
 */
export async function shareWorkingTree(caller: Caller, name: string): Promise<SharedWorkingTree> {
  return withGit(caller, async (git, folder) => {
    const top = await said(git, { args: ['rev-parse', '--show-toplevel'], cwd: caller.cwd });
    if (top === null || top === '') throw noCheckout(caller.cwd);
    const head = await said(git, { args: ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], cwd: top });
    if (head === null) throw new GitRefusal(`${top} has no commits yet.`, 'Make a first commit there.');
    await requireWhole(git, top);
    const env = { GIT_INDEX_FILE: join(folder, 'index'), ...AUTHOR };
    await git.run({ args: ['read-tree', head], cwd: top, env });
    await git.run({ args: ['add', '--all'], cwd: top, env });
    const tree = await git.text({ args: ['write-tree'], cwd: top, env });
    const args = ['commit-tree', tree, '-p', head, '-m', 'Working tree'];
    const commit = await git.text({ args, cwd: top, env });
    const ref = fullRef(`refs/planwright/submit/${fileId(name)}`);
    await git.run({ args: ['update-ref', ref, commit, ''], cwd: top });
    const remove = (): Promise<void> =>
      withGit(caller, async (again) => {
        await again.run({ args: ['update-ref', '-d', ref, commit], cwd: top });
      });
    return { ref, commit, remove };
  });
}

/** A tree with conflicts, or with files left out, is not what the person sees. */
async function requireWhole(git: Git, top: string): Promise<void> {
  if ((await git.text({ args: ['ls-files', '--unmerged'], cwd: top })) !== '') {
    throw new GitRefusal(
      `${top} is in the middle of a merge with conflicts.`,
      `Resolve them first: git -C ${shellQuoted(top)} status`,
    );
  }
  const sparse = await said(git, { args: ['ls-files', '-t'], cwd: top });
  if (sparse?.split('\n').some((line) => line.startsWith('S ')) === true) {
    throw new GitRefusal(
      `${top} is a sparse checkout: some files are not there.`,
      'Commit, then name it by --ref.',
    );
  }
}

interface Git {
  run(call: GitCall): Promise<unknown>;
  text(call: GitCall): Promise<string>;
}

/** Runs git on a person's repository as they would, without hooks, in a folder that is thrown away. */
async function withGit<T>(
  { environment }: Caller,
  work: (git: Git, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'planwright-submit-')));
  const { PATH = '', HOME, XDG_CONFIG_HOME, GIT_CONFIG_GLOBAL } = environment;
  const runner = new GitRunner({ home: folder, path: PATH });
  const globalConfig = GIT_CONFIG_GLOBAL ?? (HOME === undefined ? undefined : join(HOME, '.gitconfig'));
  const own = {
    ...(HOME === undefined ? {} : { HOME }),
    ...(XDG_CONFIG_HOME === undefined ? {} : { XDG_CONFIG_HOME }),
    ...(globalConfig === undefined ? {} : { GIT_CONFIG_GLOBAL: globalConfig }),
  };
  const asPerson = (call: GitCall): GitCall => ({ ...call, foreign: true, env: { ...own, ...call.env } });
  try {
    const git = {
      run: (call: GitCall) => runner.run(asPerson(call)),
      text: (call: GitCall) => runner.text(asPerson(call)),
    };
    return await work(git, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What git says; null where it refuses. */
async function said(git: Git, call: GitCall): Promise<string | null> {
  return git.text(call).catch(() => null);
}

async function commonDir(git: Git, cwd: string): Promise<string | null> {
  const path = await said(git, { args: ['rev-parse', '--git-common-dir'], cwd });
  if (path === null) return null;
  return realpath(isAbsolute(path) ? path : resolve(cwd, path));
}

function noCheckout(cwd: string): GitRefusal {
  return new GitRefusal(
    `${cwd} is not in the checkout of a git repository.`,
    'Go to your checkout, or name a --ref.',
  );
}
