import { copyFile, stat, utimes } from 'node:fs/promises';

/**
 * Copies an index with its time. By it git knows which files may have changed in the same tick of the clock as they
 * were written, and looks into those; a younger copy would hide such a change.
 */
export async function copyIndex(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const { atime, mtimeMs } = await stat(from);
  await utimes(to, atime, Math.floor(mtimeMs) / 1_000);
}
