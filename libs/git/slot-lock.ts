import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hasCode } from './errno.js';

/**
 * Claims a lock file for this process. Returns 'free' if nobody held it, 'abandoned' if its owner is dead, and
 * null if another process holds it. Must not be asked for a lock that this process holds: a file with its own
 * number belongs to a dead process that had the same one.
 */
export async function claim(lock: string): Promise<'free' | 'abandoned' | null> {
  if (await createLock(lock)) return 'free';
  const owner = await readOwner(lock);
  if (owner !== null && isAlive(owner)) return null;
  // Taking over is itself under a lock, or two processes could each remove the other's new one.
  const takeover = `${lock}.takeover`;
  if (!(await createLock(takeover))) {
    const rival = await readOwner(takeover);
    if (rival === null || !isAlive(rival)) await rm(takeover, { force: true });
    return null;
  }
  try {
    if ((await readOwner(lock)) !== owner) return null;
    await writeFile(`${takeover}.new`, String(process.pid));
    await rename(`${takeover}.new`, lock);
    return 'abandoned';
  } finally {
    await rm(takeover, { force: true });
  }
}

async function createLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readOwner(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : null;
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Alive, but another user's.
    return hasCode(error, 'EPERM');
  }
}
