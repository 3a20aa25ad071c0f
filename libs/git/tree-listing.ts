import { objectId } from './names.js';
import type { GitRunner } from './runner.js';

export type EntryKind = 'file' | 'link' | 'folder' | 'submodule';

/**
 * What a commit has in each folder. Names are bytes read as latin1, so that every name of every file system
 * survives; the root folder is ''.
 */
export type TreeListing = ReadonlyMap<string, ReadonlyMap<string, EntryKind>>;

const KEPT = 4;

/** Lists commits of one repository; the last few are remembered, as attempts share their base. */
export class TreeListings {
  private readonly recent = new Map<string, Promise<TreeListing>>();

  constructor(
    private readonly runner: GitRunner,
    private readonly gitDir: string,
  ) {}

  /** The listing of a commit, which the repository must have. */
  of(commit: string): Promise<TreeListing> {
    const listing = this.recent.get(commit) ?? this.list(commit);
    this.recent.delete(commit);
    this.recent.set(commit, listing);
    listing.catch(() => this.recent.delete(commit));
    for (const oldest of this.recent.keys()) {
      if (this.recent.size <= KEPT) break;
      this.recent.delete(oldest);
    }
    return listing;
  }

  private async list(commit: string): Promise<TreeListing> {
    const args = ['ls-tree', '-r', '-t', '-z', objectId(commit)];
    const { stdout } = await this.runner.run({ args, gitDir: this.gitDir });
    const listing = new Map<string, Map<string, EntryKind>>([['', new Map()]]);
    for (const entry of stdout.toString('latin1').split('\0')) {
      const tab = entry.indexOf('\t');
      if (tab < 0) continue;
      const path = entry.slice(tab + 1);
      const slash = path.lastIndexOf('/');
      const kind = kindOf(entry.slice(0, 6));
      listing.get(slash < 0 ? '' : path.slice(0, slash))?.set(path.slice(slash + 1), kind);
      if (kind === 'folder') listing.set(path, new Map());
    }
    return listing;
  }
}

/** Paths of the submodules of a listing, as latin1. */
export function submodulesOf(listing: TreeListing): string[] {
  const paths: string[] = [];
  for (const [folder, entries] of listing) {
    for (const [name, kind] of entries)
      if (kind === 'submodule') paths.push(folder === '' ? name : `${folder}/${name}`);
  }
  return paths;
}

function kindOf(mode: string): EntryKind {
  if (mode === '040000') return 'folder';
  if (mode === '160000') return 'submodule';
  return mode === '120000' ? 'link' : 'file';
}
