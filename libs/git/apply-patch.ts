import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GitRefusal } from '#engine/ports/git-refusal.js';
import type { CommitMessage, PatchResult } from '#engine/ports/git.port.js';
import { unfitPlaces, type UnfitPatch } from '#domain/patch/unfit-patch.js';
import { writeCommit } from './commit-object.js';
import type { Mirror } from './mirror.js';
import { GitError, type GitRunner } from './runner.js';

/** Lines of a file's content begin with a blank, a plus or a minus: these can only be headers. */
const BINARY = /^(?:GIT binary patch|Binary files .* differ)\r?$/m;

/**
 * Applies the text of a unified diff to a commit, in the object database alone, and keeps the result as one commit on it; the
 * commit itself where the patch changes nothing. Whole or not at all.
 *
 * @throws GitRefusal for what is no such diff, or holds binary parts
 */
export async function applyPatch(
  runner: GitRunner,
  mirror: Mirror,
  input: { readonly patch: string; readonly onto: string; readonly message: CommitMessage },
): Promise<PatchResult> {
  const { patch, onto, message } = input;
  if (BINARY.test(patch)) {
    throw new GitRefusal(
      'The patch has a binary part.',
      'Hand such a change in as a branch, or as a commit that was pushed to the hub.',
    );
  }
  const before = await mirror.commit(onto);
  const gitDir = mirror.path;
  const folder = await mkdtemp(join(gitDir, '.patch-'));
  const env = { GIT_INDEX_FILE: join(folder, 'index') };
  try {
    await runner.run({ args: ['read-tree', before.tree], gitDir, env });
    const args = ['apply', '--cached', '--whitespace=nowarn', '-'];
    const stdin = patch.endsWith('\n') ? patch : `${patch}\n`;
    const { code, stderr } = await runner.run({ args, gitDir, env, stdin, codes: [0, 1, 128] });
    if (code !== 0) return { kind: 'conflict', places: whyNot(stdin, args, code, stderr) };
    const tree = await runner.text({ args: ['write-tree'], gitDir, env });
    if (tree === before.tree) return { kind: 'clean', commit: onto };
    const commit = await writeCommit(runner, gitDir, { tree, parents: [onto], message });
    return { kind: 'clean', commit };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whoever wrote it can mend it, where git says of what it is that it does not fit. */
function whyNot(patch: string, args: readonly string[], code: number, stderr: string): UnfitPatch[] {
  const places = unfitPlaces(patch, stderr);
  if (places.length > 0) return places;
  const [, first] = /^error: (.+)$/m.exec(stderr) ?? [];
  if (first === undefined) throw new GitError(args, code, stderr);
  throw new GitRefusal(
    `The patch cannot be read: ${first}.`,
    'Make it by git diff, on the tip of the plan branch.',
  );
}
