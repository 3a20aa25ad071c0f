import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;

/** This process, told from a later one with the same number. */
export const SELF = `${process.pid}.${startMark(process.pid) ?? Math.round(performance.timeOrigin)}`;

/**
 * Runs `work` while no other holder of the lock file does, in this process or another of this machine. A holder that
 * died is recognised. Two waiters that find a dead one at the same moment may, very rarely, both go on: what they
 * guard is published by a rename, so that this costs time and nothing else.
 */
export async function withLock<T>(file: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  while (!(await take(file))) {
    signal.throwIfAborted();
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

let drafts = 0;

/** The lock appears with its content in one step. */
async function take(file: string): Promise<boolean> {
  drafts += 1;
  const draft = `${file}.${SELF}.${drafts}`;
  await writeFile(draft, SELF);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const owner = await readFile(file, 'utf8').catch(() => null);
    // Moved first: of several waiters that judged the same file, one removes it.
    if (owner !== null && !isAlive(owner)) await rename(file, draft).catch(() => undefined);
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Whether the process that called itself so still runs. */
export function isAlive(owner: string): boolean {
  if (owner === SELF) return true;
  const [number, mark] = owner.split('.', 2);
  const pid = Number(number);
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  const now = startMark(pid);
  if (process.platform === 'linux') return now === mark;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began, in ticks since the boot; null where that cannot be read, and for zombies. */
function startMark(pid: number): string | null {
  if (process.platform !== 'linux') return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold blanks; the state follows it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
