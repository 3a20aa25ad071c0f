import type { TreeFile } from '#engine/ports/git.port.js';
import { objectId } from './names.js';
import type { GitRunner } from './runner.js';

const KEPT = 8;
/** With more changed paths a listing from the beginning is as fast. */
const MAX_CHANGES = 500;

interface Listed {
  readonly tree: string;
  readonly files: Promise<readonly TreeFile[]>;
}

/**
 * Files of commits of one repository. A commit is listed by what differs from the one listed last: what did not change
 * is the same entry, so that who remembers by entry need not look at it again.
 */
export class CommitTrees {
  private readonly recent = new Map<string, Listed>();

  constructor(
    private readonly runner: GitRunner,
    private readonly gitDir: string,
  ) {}

  /** @param tree of a commit that the repository has */
  of(tree: string): Promise<readonly TreeFile[]> {
    const last = [...this.recent.values()].at(-1);
    const known = this.recent.get(tree) ?? { tree, files: this.list(tree, last) };
    this.recent.delete(tree);
    this.recent.set(tree, known);
    known.files.catch(() => this.recent.delete(tree));
    for (const oldest of this.recent.keys()) {
      if (this.recent.size <= KEPT) break;
      this.recent.delete(oldest);
    }
    return known.files;
  }

  private async list(tree: string, last: Listed | undefined): Promise<readonly TreeFile[]> {
    const before = await last?.files.catch(() => null);
    const changes = last === undefined || !before ? null : await this.changes(last.tree, tree);
    return changes === null || !before
      ? await this.lsTree(tree, [])
      : await this.apply(before, changes, tree);
  }

  /** Changed paths, true for those that are there afterwards; null for too many. */
  private async changes(from: string, to: string): Promise<Map<string, boolean> | null> {
    const args = ['diff-tree', '-r', '-z', '--no-renames', '--name-status', objectId(from), objectId(to)];
    const { stdout } = await this.runner.run({ args, gitDir: this.gitDir });
    const words = stdout.toString('utf8').split('\0');
    // A name that is no UTF-8 cannot be asked for by what it reads as.
    if (words.length > 2 * MAX_CHANGES || words.some((word) => word.includes('\ufffd'))) return null;
    const changes = new Map<string, boolean>();
    for (let at = 0; at + 1 < words.length; at += 2) changes.set(words[at + 1] ?? '', words[at] !== 'D');
    return changes;
  }

  private async apply(
    before: readonly TreeFile[],
    changes: ReadonlyMap<string, boolean>,
    tree: string,
  ): Promise<readonly TreeFile[]> {
    const present = [...changes].filter(([, there]) => there).map(([path]) => path);
    const fresh = present.length === 0 ? [] : await this.lsTree(tree, present);
    const kept = changes.size === 0 ? before : before.filter((file) => !changes.has(file.path));
    return merge(kept, fresh);
  }

  private async lsTree(tree: string, paths: readonly string[]): Promise<TreeFile[]> {
    const args = ['--literal-pathspecs', 'ls-tree', '-r', '-l', '-z', objectId(tree)];
    if (paths.length > 0) args.push('--', ...paths);
    const { stdout } = await this.runner.run({ args, gitDir: this.gitDir });
    const files: TreeFile[] = [];
    for (const entry of stdout.toString('utf8').split('\0')) {
      const [, mode, blob, size, path] = /^(\d+) blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(entry) ?? [];
      if (mode === undefined || blob === undefined || path === undefined) continue;
      files.push({ path, mode, blob, size: Number(size) });
    }
    return files;
  }
}

/** Both ordered by path, as git orders bytes. */
function merge(kept: readonly TreeFile[], fresh: readonly TreeFile[]): readonly TreeFile[] {
  const merged: TreeFile[] = [];
  let from = 0;
  for (const file of fresh) {
    const to = placeOf(Buffer.from(file.path), kept, from);
    for (; from < to; from += 1) merged.push(kept[from] as TreeFile);
    merged.push(file);
  }
  for (; from < kept.length; from += 1) merged.push(kept[from] as TreeFile);
  return merged;
}

/** How many of the files come before a path. */
function placeOf(path: Buffer, files: readonly TreeFile[], from: number): number {
  let low = from;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Buffer.from(files[middle]?.path ?? '').compare(path) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
