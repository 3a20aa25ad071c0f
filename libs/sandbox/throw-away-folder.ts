import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface ThrowAwayFolder {
  readonly path: string;
  readonly home: string;
  readonly tmp: string;
}

/** Gives an untrusted process a home and a temporary folder for one run, and removes them whatever happens. */
export async function withThrowAwayFolder<T>(
  root: string,
  prefix: string,
  use: (folder: ThrowAwayFolder) => Promise<T>,
): Promise<T> {
  await mkdir(root, { recursive: true });
  const path = await mkdtemp(join(root, `${prefix}-`));
  const folder = { path, home: join(path, 'home'), tmp: join(path, 'tmp') };
  try {
    await mkdir(folder.home);
    await mkdir(folder.tmp);
    return await use(folder);
  } finally {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}
