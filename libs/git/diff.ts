import type { FileDiff, FileStatus } from '#engine/ports/git.port.js';
import type { Mirror } from './mirror.js';
import { objectId } from './names.js';
import { PatchSplitter } from './patch-splitter.js';
import type { GitRunner } from './runner.js';

const STATUS: Readonly<Record<string, FileStatus>> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  R: 'renamed',
  T: 'typechange',
};

type Entry = Omit<FileDiff, 'text'>;
type Change = Omit<Entry, 'binary' | 'addedLines' | 'removedLines'>;

/**
 * Compares two commits of the mirror, ordered by path. Texts above `limit` bytes, and what together goes beyond `total`,
 * are left to git.
 */
export async function diffCommits(
  runner: GitRunner,
  mirror: Mirror,
  input: { readonly from: string; readonly to: string; readonly limit: number; readonly total: number },
): Promise<readonly FileDiff[]> {
  const common = ['diff-tree', '-r', '-M', '--no-ext-diff', '--no-textconv', '--no-color', '--full-index'];
  const range = [objectId(input.from), objectId(input.to)];
  const splitter = new PatchSplitter(input.limit, input.total);
  const [{ stdout }] = await Promise.all([
    runner.run({ args: [...common, '--raw', '--numstat', '-z', ...range], gitDir: mirror.path }),
    runner.run({
      args: [...common, '-p', ...range],
      gitDir: mirror.path,
      onOutput: (piece) => splitter.write(piece),
    }),
  ]);
  return joinTexts(parseEntries(stdout.toString('utf8').split('\0')), splitter.end());
}

function parseEntries(fields: readonly string[]): Entry[] {
  const changes: Change[] = [];
  let at = 0;
  for (; fields[at]?.startsWith(':') === true;) {
    const [oldMode = '', newMode = '', , , letter = ''] = (fields[at] ?? '').slice(1).split(' ');
    const status = STATUS[letter.charAt(0)];
    if (status === undefined) throw new Error(`git diff-tree reported an unknown status ${letter}.`);
    const path = fields[at + 1] ?? '';
    if (status === 'renamed')
      changes.push({ path: fields[at + 2] ?? '', oldPath: path, status, oldMode, newMode });
    else changes.push({ path, status, oldMode, newMode });
    at += status === 'renamed' ? 3 : 2;
  }
  return changes.map((change) => {
    const [added = '', removed = ''] = (fields[at] ?? '').split('\t');
    at += change.status === 'renamed' ? 3 : 1;
    const binary = added === '-';
    return {
      ...change,
      binary,
      addedLines: binary ? 0 : Number(added),
      removedLines: binary ? 0 : Number(removed),
    };
  });
}

/** A change of type has two sections: one that deletes and one that adds. */
function joinTexts(entries: readonly Entry[], sections: readonly (string | null)[]): FileDiff[] {
  let at = 0;
  const diffs = entries.map((entry) => {
    const count = entry.status === 'typechange' ? 2 : 1;
    const own = sections.slice(at, at + count);
    at += count;
    const text = own.includes(null) || entry.binary ? null : own.join('');
    return { ...entry, text };
  });
  if (at !== sections.length)
    throw new Error(`git diff-tree gave ${sections.length} texts for ${entries.length} files.`);
  return diffs;
}
