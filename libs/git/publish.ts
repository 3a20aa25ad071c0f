import type { PublishResult } from '#engine/ports/git.port.js';
import { GitRefusal } from '#engine/ports/git-refusal.js';
import type { OriginTools } from './import-base.js';
import { branchRef, objectId, shellQuoted, withoutCredentials } from './names.js';
import { listRefs, locate, rejectionOf, type Origin } from './origin.js';

interface Publication {
  readonly repositoryId: string;
  readonly origin: Origin;
  readonly branch: string;
  readonly commit: string;
  /** The repository to push from. */
  readonly gitDir: string;
}

/**
 * Creates or advances a branch of the origin, or takes it back from what a rewind left there. Nothing else there is ever
 * overwritten.
 */
export async function publish(
  tools: OriginTools,
  input: {
    readonly repositoryId: string;
    readonly origin: string;
    readonly branch: string;
    readonly commit: string;
    /** Tips that rewinds left. */
    readonly left: readonly string[];
  },
): Promise<PublishResult> {
  const ref = branchRef(input.branch);
  const commit = objectId(input.commit);
  const mirror = await tools.mirrors.with(input.repositoryId, commit);
  try {
    const origin = await locate(tools.git, input.origin);
    const gitDir = mirror.hub.path ?? mirror.path;
    const { repositoryId, branch } = input;
    const publication = { repositoryId, origin, branch, commit, gitDir };
    const { ids } = await listRefs(tools.git, origin, [ref]);
    const there = ids.get(ref);
    if (there === commit) return { kind: 'published' };
    if (there === undefined) return await push(tools, publication, null);
    const relation = await compare(tools, publication, there, input.left);
    if (relation === 'contains') return { kind: 'published' };
    if (relation === 'diverged') return divergedRefusal(publication, there);
    return await push(tools, publication, relation === 'left' ? there : null);
  } catch (error) {
    if (error instanceof GitRefusal) return { kind: 'refused', reason: error.reason, remedy: error.remedy };
    throw error;
  }
}

async function compare(
  tools: OriginTools,
  publication: Publication,
  there: string,
  left: readonly string[],
): Promise<'contains' | 'behind' | 'left' | 'diverged'> {
  const { origin, commit, gitDir } = publication;
  const fetch = [
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--update-shallow',
    '--',
    origin.location,
    there,
  ];
  await tools.git.run(origin, { args: fetch, gitDir });
  const reaches = async (from: string, to: string): Promise<boolean> => {
    const { code } = await tools.runner.run({
      args: ['merge-base', '--is-ancestor', from, to],
      gitDir,
      codes: [0, 1],
    });
    return code === 0;
  };
  if (await reaches(there, commit)) return 'behind';
  await tools.mirrors.with(publication.repositoryId, ...left);
  for (const tip of left) if (await reaches(there, tip)) return 'left';
  if (!(await reaches(commit, there))) return 'diverged';
  // What stands on commits that a rewind took away is not what the plan publishes now.
  for (const tip of left) {
    const { stdout } = await tools.runner.run({ args: ['merge-base', there, tip], gitDir, codes: [0, 1] });
    const shared = stdout.toString('utf8').trim();
    if (shared !== '' && !(await reaches(shared, commit))) return 'diverged';
  }
  return 'contains';
}

/** @param left the commit that the branch is taken back from, and from no other; null: it only advances */
async function push(
  tools: OriginTools,
  publication: Publication,
  left: string | null,
): Promise<PublishResult> {
  const { origin, branch, commit, gitDir } = publication;
  const args = [
    'push',
    '--porcelain',
    '--no-verify',
    ...(left === null ? [] : [`--force-with-lease=${branchRef(branch)}:${objectId(left)}`]),
    '--',
    origin.location,
    `${commit}:${branchRef(branch)}`,
  ];
  const { code, stdout, stderr } = await tools.git.run(origin, { args, gitDir, codes: [0, 1, 128] });
  if (code === 0) return { kind: 'published' };
  const where = withoutCredentials(origin.location);
  if (stderr.includes('refusing to update checked out branch')) {
    return {
      kind: 'refused',
      reason: `Branch ${branch} is checked out in ${where}.`,
      remedy: `Bring it there with: ${bringThere(publication, where, left !== null)}`,
    };
  }
  return {
    kind: 'refused',
    reason: `${where} refused branch ${branch}: ${rejectionOf(stdout.toString('utf8'), stderr)}.`,
    remedy: `Mend that, then: git --git-dir ${shellQuoted(gitDir)} push ${shellQuoted(where)} ${commit}:${branchRef(branch)}`,
  };
}

function bringThere({ commit, gitDir }: Publication, where: string, isRewound: boolean): string {
  const there = `git -C ${shellQuoted(where)}`;
  if (!isRewound) return `${there} pull --ff-only ${shellQuoted(gitDir)} ${commit}`;
  return `${there} fetch ${shellQuoted(gitDir)} ${commit} && ${there} reset --keep ${commit}`;
}

function divergedRefusal({ origin, branch }: Publication, there: string): PublishResult {
  const where = withoutCredentials(origin.location);
  const aside = `${branch}-${there.slice(0, 8)}`;
  const command = origin.local
    ? `git -C ${shellQuoted(where)} branch -m ${shellQuoted(branch)} ${shellQuoted(aside)}`
    : `git push ${shellQuoted(where)} ${there}:refs/heads/${aside} :${branchRef(branch)}`;
  return {
    kind: 'refused',
    reason: `Branch ${branch} of ${where} has commits that are not in the plan (${there}).`,
    remedy: `Move it aside, then publish again: ${command}`,
  };
}
