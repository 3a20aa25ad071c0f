import { readdir, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A push holds the lock of a ref for milliseconds. */
const STALE_MS = 60_000;

/**
 * Removes locks of refs whose git process was killed: older than any push takes, and no process works in the
 * repository. Ages are told by the file system's own clock. Returns whether one was removed.
 */
export async function removeStaleLocks(repository: string, refs: readonly string[]): Promise<boolean> {
  const probe = join(repository, `.clock-${process.pid}`);
  await writeFile(probe, '');
  const now = (await stat(probe)).mtimeMs;
  await rm(probe);
  let removed = false;
  for (const ref of refs) {
    const lock = join(repository, `${ref}.lock`);
    const stats = await stat(lock).catch(() => null);
    if (stats === null || now - stats.mtimeMs < STALE_MS || (await isInUse(repository))) continue;
    await rm(lock, { force: true });
    removed = true;
  }
  return removed;
}

/** True if a process has the repository as its working folder, as the receiving end of a push does (Linux only). */
async function isInUse(repository: string): Promise<boolean> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(processes.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return folders.includes(repository);
}
