import type { CommitMessage, RebaseResult } from '#engine/ports/git.port.js';
import { writeCommit } from './commit-object.js';
import type { Mirror } from './mirror.js';
import { objectId } from './names.js';
import type { GitRunner } from './runner.js';

const HUNKS_LIMIT = 64 * 1024;
const CONTEXT_LINES = 3;

interface MergeOutput {
  /** Where it does not merge: with markers in it. */
  readonly tree: string;
  readonly files: readonly string[];
  readonly messages: readonly string[];
}

/** Merges two commits by their merge base, in the object database alone. */
export async function mergeTrees(
  runner: GitRunner,
  mirror: Mirror,
  ours: string,
  theirs: string,
): Promise<MergeOutput & { readonly isClean: boolean }> {
  const options = ['--write-tree', '-z', '--name-only', '--messages'];
  const { code, stdout } = await runner.run({
    args: ['merge-tree', ...options, objectId(ours), objectId(theirs)],
    gitDir: mirror.path,
    codes: [0, 1],
  });
  return { isClean: code === 0, ...parseMerge(stdout.toString('utf8'), code === 1) };
}

/** Replays a candidate onto another commit inside the object database. Throws unless it has exactly one parent. */
export async function rebase(
  runner: GitRunner,
  mirror: Mirror,
  input: { readonly candidate: string; readonly onto: string; readonly message: CommitMessage },
): Promise<RebaseResult> {
  const { candidate, onto, message } = input;
  const [from, to] = await Promise.all([mirror.commit(candidate), mirror.commit(onto)]);
  const [base] = from.parents;
  if (candidate === onto || base === onto)
    return { kind: 'clean', commit: candidate, tree: from.tree, treeChanged: false };
  if (base === undefined || from.parents.length !== 1)
    throw new Error(`Candidate ${candidate} is not one commit on one base.`);
  await mirror.commit(base);
  // A sibling of the candidate with the tree of `onto`: the merge base is then the candidate's base, whatever
  // the history between the two is (after a rewind `onto` can lie before the base).
  const sibling = await writeCommit(runner, mirror.path, { tree: to.tree, parents: [base], message });
  const merged = await mergeTrees(runner, mirror, sibling, candidate);
  if (!merged.isClean) {
    const hunks = await conflictText(runner, mirror, merged, {
      [sibling]: 'plan branch',
      [candidate]: 'candidate',
    });
    return { kind: 'conflict', files: merged.files, hunks };
  }
  const treeChanged = merged.tree !== from.tree;
  if (merged.tree === to.tree) return { kind: 'clean', commit: onto, tree: merged.tree, treeChanged };
  const commit = await writeCommit(runner, mirror.path, { tree: merged.tree, parents: [onto], message });
  return { kind: 'clean', commit, tree: merged.tree, treeChanged };
}

/** Reads what `git merge-tree -z --messages` says. */
function parseMerge(output: string, conflict: boolean): MergeOutput {
  const fields = output.split('\0');
  const tree = objectId(fields[0] ?? '');
  if (!conflict) return { tree, files: [], messages: [] };
  const end = fields.indexOf('', 1);
  const files = fields.slice(1, end);
  const messages: string[] = [];
  for (let at = end + 1; at < fields.length - 1;) {
    const paths = Number(fields[at]);
    const text = fields[at + paths + 2] ?? '';
    if (text.startsWith('CONFLICT')) messages.push(text.trimEnd());
    at += paths + 3;
  }
  return { tree, files, messages };
}

/** The conflicts of a merge for whoever has to mend them, with some lines around each. */
export async function conflictText(
  runner: GitRunner,
  mirror: Mirror,
  merged: MergeOutput,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const args = ['ls-tree', '-r', '-z', merged.tree, '--', ...merged.files];
  const { stdout } = await runner.run({ args, gitDir: mirror.path });
  const parts = [...merged.messages];
  for (const entry of stdout.toString('utf8').split('\0')) {
    const [, id, path] = /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(entry) ?? [];
    if (id === undefined || path === undefined) continue;
    const blob = await mirror.objects.read(id);
    const hunks = conflictHunks(blob?.content.toString('utf8') ?? '');
    if (hunks !== '') parts.push(`--- ${path}\n${hunks}`);
  }
  const names = Object.entries(labels);
  return truncated(names.reduce((text, [id, label]) => text.replaceAll(id, label), parts.join('\n')));
}

/** The conflicts of one merged file with some lines around them. */
function conflictHunks(text: string): string {
  const lines = text.split('\n');
  const shown = new Set<number>();
  let start = -1;
  lines.forEach((line, at) => {
    if (line.startsWith('<<<<<<< ')) start = at;
    if (!line.startsWith('>>>>>>> ') || start < 0) return;
    for (let near = start - CONTEXT_LINES; near <= at + CONTEXT_LINES; near += 1) shown.add(near);
    start = -1;
  });
  const out: string[] = [];
  lines.forEach((line, at) => {
    if (!shown.has(at)) return;
    if (!shown.has(at - 1)) out.push(`@@ line ${at + 1} @@`);
    out.push(line);
  });
  return out.join('\n');
}

function truncated(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= HUNKS_LIMIT) return text;
  const note = '\n[cut: more conflicts follow]';
  return `${bytes.toString('utf8', 0, HUNKS_LIMIT - note.length).replace(/\uFFFD+$/, '')}${note}`;
}
