import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from './process-table.js';

export interface ThrowAwayFolder {
  readonly path: string;
  readonly home: string;
  readonly tmp: string;
}

/** Folders that this process has in use: one of the same number may have died before it. */
const inUse = new Set<string>();

/** Gives an untrusted process a home and a temporary folder for one run, and removes them whatever happens. */
export async function withThrowAwayFolder<T>(
  root: string,
  prefix: string,
  use: (folder: ThrowAwayFolder) => Promise<T>,
): Promise<T> {
  await mkdir(root, { recursive: true });
  const path = await mkdtemp(join(root, `${prefix}-${process.pid}-`));
  inUse.add(path);
  const folder = { path, home: join(path, 'home'), tmp: join(path, 'tmp') };
  try {
    await mkdir(folder.home);
    await mkdir(folder.tmp);
    return await use(folder);
  } finally {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
    inUse.delete(path);
  }
}

/** Removes what killed processes could not: folders whose maker is gone. */
export async function removeAbandonedFolders(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    const maker = Number(/-(\d+)-[^-]+$/.exec(name)?.[1] ?? NaN);
    const path = join(root, name);
    const used = maker === process.pid ? inUse.has(path) : Number.isNaN(maker) || isAlive(maker);
    if (!used) await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}
