import type { Dirent } from 'node:fs';
import { chmod, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import type { EntryKind, TreeListing } from './tree-listing.js';

const OWNER_ALL = 0o700;

/**
 * Removes from a working tree whatever the commit does not have: untracked and ignored files, nested
 * repositories, `.git` in tracked folders, pipes, folders and links in the place of something else. Nothing is
 * followed out of the tree. `git clean` leaves some of these.
 */
export async function sweep(tree: string, listing: TreeListing): Promise<void> {
  await sweepFolder(tree, '', listing);
}

async function sweepFolder(tree: string, folder: string, listing: TreeListing): Promise<void> {
  const expected = listing.get(folder) ?? new Map<string, EntryKind>();
  const path = bytes(tree, folder);
  const entries = await readOwnFolder(path);
  await Promise.all(
    entries.map(async (entry) => {
      const name = entry.name.toString('latin1');
      const below = folder === '' ? name : `${folder}/${name}`;
      const kind = expected.get(name);
      if (kind === 'folder' && entry.isDirectory()) return sweepFolder(tree, below, listing);
      if (kind === 'file' && entry.isFile()) return;
      if (kind === 'link' && entry.isSymbolicLink()) return;
      await removeAll(bytes(tree, below));
      if (kind === 'submodule') await mkdir(bytes(tree, below));
    }),
  );
}

/** Removes a path and all below it, also where folders were made read-only. Links are not followed. */
export async function removeAll(path: string | Buffer): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    await openFolders(Buffer.from(path));
    await rm(path, { recursive: true, force: true });
  }
}

/** Entries of a folder, which is given back to its owner's use first. */
async function readOwnFolder(path: Buffer): Promise<Dirent<Buffer>[]> {
  const stats = await lstat(path);
  if (!stats.isDirectory()) throw new Error(`${path.toString()} is no folder.`);
  const { mode } = stats;
  if ((mode & OWNER_ALL) !== OWNER_ALL) await chmod(path, mode | OWNER_ALL);
  return readdir(path, { withFileTypes: true, encoding: 'buffer' });
}

async function openFolders(path: Buffer): Promise<void> {
  const stats = await lstat(path).catch(() => null);
  if (stats === null || !stats.isDirectory()) return;
  for (const entry of await readOwnFolder(path)) {
    if (entry.isDirectory()) await openFolders(Buffer.concat([path, Buffer.from('/'), entry.name]));
  }
}

/** The path of a name that was read as latin1. */
export function bytes(tree: string, below: string): Buffer {
  const root = Buffer.from(tree);
  return below === '' ? root : Buffer.concat([root, Buffer.from('/'), Buffer.from(below, 'latin1')]);
}
