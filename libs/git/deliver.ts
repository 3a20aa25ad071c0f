import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  DeliveryGit,
  Divergence,
  MergeResult,
  Resolution,
  TargetPush,
} from '#engine/ports/delivery.port.js';
import type { CommitMessage } from '#engine/ports/git.port.js';
import { GitRefusal } from '#engine/ports/git-refusal.js';
import { writeCommit } from './commit-object.js';
import { bringBase, type OriginTools } from './import-base.js';
import { conflictText, mergeTrees } from './integrate.js';
import type { Mirror } from './mirror.js';
import { branchRef, objectId, shellQuoted, withoutCredentials } from './names.js';
import { listRefs, locate, rejectionOf, type Origin } from './origin.js';

/** Of a commit that only says what a later merge may take for granted; no ref ever names it. */
const RESOLVED: CommitMessage = {
  subject: 'Conflicts resolved',
  body: '',
  author: { name: 'Planwright', email: 'planwright@localhost' },
  timestamp: 1_000_000_000,
};

/** What a delivery needs of git. */
export function createDeliveryGit(tools: OriginTools): DeliveryGit {
  const { runner, mirrors } = tools;
  return {
    fetchTarget: (input) => fetchTarget(tools, input),
    compare: async ({ repositoryId, tip, target }) =>
      compare(tools, await mirrors.with(repositoryId, tip, target), tip, target),
    merge: async ({ repositoryId, tip, target, resolved }) => {
      const commits = resolved.flatMap((each) => [
        each.target,
        ...(each.commit === null ? [] : [each.commit]),
      ]);
      return new Merger(tools, await mirrors.with(repositoryId, tip, target, ...commits)).merge(
        tip,
        target,
        resolved,
      );
    },
    commitMerge: async ({ repositoryId, tree, parents, message }) => {
      const mirror = await mirrors.with(repositoryId, ...parents);
      return writeCommit(runner, mirror.path, { tree, parents, message });
    },
    shown: (origin) => shellQuoted(withoutCredentials(origin)),
    byHand: async (input) => byHand(await locate(tools.git, input.origin), input),
    pushTarget: (input) => pushTarget(tools, input),
  };
}

async function fetchTarget(
  tools: OriginTools,
  { repositoryId, origin: name, branch }: Parameters<DeliveryGit['fetchTarget']>[0],
): Promise<string> {
  const origin = await locate(tools.git, name);
  const commit = await tipOf(tools, origin, branch);
  if (commit === null) throw noBranch(origin, branch);
  await bringBase(tools, repositoryId, origin, { commit, branch });
  return commit;
}

async function tipOf(tools: OriginTools, origin: Origin, branch: string): Promise<string | null> {
  const ref = branchRef(branch);
  return (await listRefs(tools.git, origin, [ref])).ids.get(ref) ?? null;
}

function noBranch(origin: Origin, branch: string): GitRefusal {
  const where = withoutCredentials(origin.location);
  return new GitRefusal(
    `${where} has no branch ${branch}.`,
    'Name one that it has: planwright finish PLAN --target BRANCH',
  );
}

async function compare(tools: OriginTools, mirror: Mirror, tip: string, target: string): Promise<Divergence> {
  const gitDir = mirror.path;
  const count = async (from: string, to: string): Promise<number> =>
    Number(await tools.runner.text({ args: ['rev-list', '--count', `${from}..${to}`], gitDir }));
  const base = (await tools.runner.run({ args: ['merge-base', tip, target], gitDir, codes: [0, 1] })).stdout
    .toString('utf8')
    .trim();
  const [behind, ahead] = [await count(tip, target), await count(target, tip)];
  if (base === '' || behind === 0 || ahead === 0) return { behind, ahead, touches: [] };
  const theirs = new Set(await changedPaths(tools, gitDir, base, target));
  return {
    behind,
    ahead,
    touches: (await changedPaths(tools, gitDir, base, tip)).filter((path) => theirs.has(path)),
  };
}

async function changedPaths(tools: OriginTools, gitDir: string, from: string, to: string): Promise<string[]> {
  const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', objectId(from), objectId(to)];
  const { stdout } = await tools.runner.run({ args, gitDir });
  return stdout
    .toString('utf8')
    .split('\0')
    .filter((path) => path !== '');
}

async function reaches(tools: OriginTools, gitDir: string, from: string, to: string): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', objectId(from), objectId(to)];
  return (await tools.runner.run({ args, gitDir, codes: [0, 1] })).code === 0;
}

class Merger {
  private readonly gitDir: string;

  constructor(
    private readonly tools: OriginTools,
    private readonly mirror: Mirror,
  ) {
    this.gitDir = mirror.path;
  }

  async merge(tip: string, target: string, resolved: readonly Resolution[]): Promise<MergeResult> {
    await this.requireCommonHistory(tip, target);
    let ours = tip;
    for (const each of resolved) ours = await this.withResolution(ours, target, each);
    if (await this.reaches(target, ours))
      return { kind: 'clean', tree: (await this.mirror.commit(ours)).tree };
    const merged = await mergeTrees(this.tools.runner, this.mirror, ours, target);
    if (merged.isClean) return { kind: 'clean', tree: merged.tree };
    const labels = { [ours]: 'plan branch', [target]: 'target branch' };
    const hunks = await conflictText(this.tools.runner, this.mirror, merged, labels);
    return { kind: 'conflict', files: merged.files, hunks };
  }

  /**
   * A commit that joins the plan with an earlier tip of the target: files that did not merge are as the plan has them
   * since, all others are merged. What a task did not look at is never taken from the target.
   */
  private async withResolution(ours: string, target: string, resolution: Resolution): Promise<string> {
    const { target: theirs, commit, files } = resolution;
    if ((await this.reaches(theirs, ours)) || !(await this.reaches(theirs, target))) return ours;
    const changed = commit === null ? [] : await this.changedBy(commit);
    const settled = new Set([...files, ...changed]);
    const merged = await mergeTrees(this.tools.runner, this.mirror, ours, theirs);
    if (!merged.files.every((file) => settled.has(file))) return ours;
    const tree = merged.isClean ? merged.tree : await this.treeWith(merged.tree, merged.files, ours);
    const parents = [ours, theirs];
    return writeCommit(this.tools.runner, this.gitDir, { tree, parents, message: RESOLVED });
  }

  private async changedBy(commit: string): Promise<string[]> {
    const [parent] = (await this.mirror.commit(commit)).parents;
    return parent === undefined ? [] : changedPaths(this.tools, this.gitDir, parent, commit);
  }

  /** The tree with these files as a commit has them, or without those that it does not have. */
  private async treeWith(tree: string, files: readonly string[], commit: string): Promise<string> {
    const { runner } = this.tools;
    const { gitDir } = this;
    const folder = await mkdtemp(join(gitDir, '.merge-'));
    const env = { GIT_INDEX_FILE: join(folder, 'index') };
    try {
      await runner.run({ args: ['read-tree', tree], gitDir, env });
      const listed = await runner.run({ args: ['ls-tree', '-r', '-z', commit, '--', ...files], gitDir });
      const entries = listed.stdout
        .toString('utf8')
        .split('\0')
        .filter((entry) => entry !== '');
      const gone = files.map((file) => `0 ${'0'.repeat(40)}\t${file}`);
      const stdin = [...gone, ...entries].map((entry) => `${entry}\0`).join('');
      await runner.run({ args: ['update-index', '-z', '--index-info'], gitDir, env, stdin });
      return await runner.text({ args: ['write-tree'], gitDir, env });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private reaches(from: string, to: string): Promise<boolean> {
    return reaches(this.tools, this.gitDir, from, to);
  }

  private async requireCommonHistory(tip: string, target: string): Promise<void> {
    const call = {
      args: ['merge-base', objectId(tip), objectId(target)],
      gitDir: this.gitDir,
      codes: [0, 1],
    };
    if ((await this.tools.runner.run(call)).code === 0) return;
    throw new GitRefusal(
      'The plan and its target branch have no commit in common.',
      'Name the branch that the plan began on: planwright finish PLAN --target BRANCH',
    );
  }
}

/** In the checkout of the origin itself; elsewhere in any clone, whose own branches stay as they are. */
function byHand(
  origin: Origin,
  { branch, commit, target, subject }: Parameters<DeliveryGit['byHand']>[0],
): string[] {
  const where = shellQuoted(withoutCredentials(origin.location));
  const merge = `merge --no-ff -m ${shellQuoted(subject)} ${objectId(commit)}`;
  if (origin.checkout) return [`git -C ${where} switch ${shellQuoted(target)}`, `git -C ${where} ${merge}`];
  return [
    `git fetch ${where} ${shellQuoted(branchRef(branch))}`,
    `git fetch ${where} ${shellQuoted(branchRef(target))}`,
    'git switch --detach FETCH_HEAD',
    `git ${merge}`,
    `git push ${where} ${shellQuoted(`HEAD:${branchRef(target)}`)}`,
  ];
}

async function pushTarget(
  tools: OriginTools,
  { repositoryId, origin: name, branch, from, to }: Parameters<DeliveryGit['pushTarget']>[0],
): Promise<TargetPush> {
  const mirror = await tools.mirrors.with(repositoryId, from, to);
  const gitDir = mirror.hub.path ?? mirror.path;
  if (!(await reaches(tools, gitDir, from, to))) throw new Error(`${to} does not descend from ${from}`);
  const origin = await locate(tools.git, name);
  const there = await tipOf(tools, origin, branch);
  if (there === null) return { kind: 'moved' };
  if (there !== from)
    return (await isIn(tools, origin, gitDir, to, there)) ? { kind: 'pushed' } : { kind: 'moved' };
  const ref = branchRef(branch);
  const lease = `--force-with-lease=${ref}:${objectId(from)}`;
  const args = ['push', '--porcelain', '--no-verify', lease, '--', origin.location, `${objectId(to)}:${ref}`];
  const { code, stdout, stderr } = await tools.git.run(origin, { args, gitDir, codes: [0, 1, 128] });
  if (code === 0) return { kind: 'pushed' };
  const now = await tipOf(tools, origin, branch);
  if (now === to) return { kind: 'pushed' };
  return now === from
    ? refused(origin, { branch, to, gitDir }, stdout.toString('utf8'), stderr)
    : { kind: 'moved' };
}

/** Whether a commit of ours is in what the origin has now. */
async function isIn(
  tools: OriginTools,
  origin: Origin,
  gitDir: string,
  commit: string,
  there: string,
): Promise<boolean> {
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--update-shallow'];
  await tools.git.run(origin, {
    args: ['fetch', ...options, '--', origin.location, objectId(there)],
    gitDir,
  });
  return reaches(tools, gitDir, commit, there);
}

function refused(
  origin: Origin,
  { branch, to, gitDir }: { readonly branch: string; readonly to: string; readonly gitDir: string },
  answer: string,
  stderr: string,
): TargetPush {
  const where = withoutCredentials(origin.location);
  if (stderr.includes('refusing to update checked out branch')) {
    return {
      kind: 'refused',
      reason: `Branch ${branch} is checked out in ${where}.`,
      remedy: `Bring it there with: git -C ${shellQuoted(where)} pull --ff-only ${shellQuoted(gitDir)} ${to}`,
    };
  }
  return {
    kind: 'refused',
    reason: `${where} refused branch ${branch}: ${rejectionOf(answer, stderr)}.`,
    remedy: 'Mend that, then finish again; or deliver by a pull request.',
  };
}
