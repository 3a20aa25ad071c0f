import type { CommitMessage, RebaseResult } from '#engine/ports/git.port.js';
import { GitRefusal } from '#engine/ports/git-refusal.js';
import { writeCommit } from './commit-object.js';
import { fetchCommit, requireCommit, type OriginTools } from './import-base.js';
import { conflictText, mergeTrees } from './integrate.js';
import type { Mirror } from './mirror.js';
import { fileId, fullRef, isBranchName, objectId, withoutCredentials } from './names.js';
import { listRefs, locate, resolveBase, type BaseCommit, type Origin } from './origin.js';
import { GitError, type GitRunner } from './runner.js';

const SUBMISSIONS = 'refs/planwright/submissions';

/** Brings what a person handed in into the hub. Throws a `GitRefusal` for what they have to mend. */
export async function importSubmission(
  tools: OriginTools,
  input: {
    readonly repositoryId: string;
    readonly origin: string;
    readonly ref: string;
    readonly name: string;
  },
): Promise<string> {
  const origin = await locate(tools.git, input.origin);
  const named = await resolve(tools, origin, input.ref);
  const hub = await tools.hubs.ensure(input.repositoryId);
  const gitDir = hub.path ?? (await tools.mirrors.of(input.repositoryId)).path;
  const ref = `${SUBMISSIONS}/${fileId(input.name)}`;
  await fetchCommit(tools, origin, named, { gitDir, ref });
  const commit = await requireCommit(tools, named, gitDir);
  if (hub.path === null) {
    const args = ['push', '--quiet', '--no-verify', '--', hub.location, `${commit}:${ref}`];
    await tools.runner.run({ args, gitDir });
  }
  return commit;
}

/** Whether somebody pushed the commit to a submission's ref of the hub. */
export async function isSubmission(runner: GitRunner, mirror: Mirror, commit: string): Promise<boolean> {
  const args = ['ls-remote', '--quiet', '--', mirror.hub.location, `${SUBMISSIONS}/*`];
  const refs = await runner.text({ args, gitDir: mirror.path });
  return refs.split('\n').some((line) => line.startsWith(`${objectId(commit)}\t`));
}

/** Merges a line of commits by its real merge base, and keeps the result as one commit on `onto`. */
export async function squash(
  runner: GitRunner,
  mirror: Mirror,
  input: { readonly commit: string; readonly onto: string; readonly message: CommitMessage },
): Promise<RebaseResult> {
  const { commit: theirs, onto, message } = input;
  const [from, to] = await Promise.all([mirror.commit(theirs), mirror.commit(onto)]);
  const merged = await mergeTrees(runner, mirror, onto, theirs).catch(refuseUnrelated);
  if (!merged.isClean) {
    const labels = { [onto]: 'plan branch', [theirs]: 'handed in' };
    return {
      kind: 'conflict',
      files: merged.files,
      hunks: await conflictText(runner, mirror, merged, labels),
    };
  }
  const treeChanged = merged.tree !== from.tree;
  if (merged.tree === to.tree) return { kind: 'clean', commit: onto, tree: merged.tree, treeChanged };
  const commit = await writeCommit(runner, mirror.path, { tree: merged.tree, parents: [onto], message });
  return { kind: 'clean', commit, tree: merged.tree, treeChanged };
}

/** A full ref is looked up as it is; anything else as the base of a plan is. */
async function resolve(tools: OriginTools, origin: Origin, ref: string): Promise<BaseCommit> {
  if (!ref.startsWith('refs/') || !isBranchName(ref)) return resolveBase(tools.git, origin, ref);
  const { ids } = await listRefs(tools.git, origin, [fullRef(ref)]);
  const commit = ids.get(ref);
  if (commit !== undefined) return { commit, branch: ref };
  throw new GitRefusal(
    `${withoutCredentials(origin.location)} has no ref ${ref}.`,
    'Push it there first, or name a branch.',
  );
}

function refuseUnrelated(error: unknown): never {
  if (error instanceof GitError && error.stderr.includes('unrelated histories')) {
    throw new GitRefusal(
      'What was handed in has no commit in common with the plan branch.',
      'Build it on the plan branch, or on the branch that the plan began from.',
    );
  }
  throw error;
}
