import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Home } from './home.js';
import { identify, isRunning, type ProcessIdentity } from './process-identity.js';
import { createPrivateFile, readIfPresent, writePrivateFile } from './private-files.js';

/** Who runs this data folder. */
export interface LockOwner extends ProcessIdentity {
  /** Where its API answers; undefined while it starts. */
  readonly url?: string;
}

export interface InstanceLock {
  /** Lets a second start say where the first one answers. */
  announce(url: string): Promise<void>;
  release(): Promise<void>;
}

export type LockAttempt =
  | { readonly acquired: true; readonly lock: InstanceLock }
  | { readonly acquired: false; readonly owner: LockOwner };

type LockRecord = LockOwner & { readonly released?: true };

/**
 * Takes the data folder for this process, or tells who has it.
 *
 * The lock is a row of numbered files of which the highest counts. Taking it over means creating the next
 * number with its content in one step, which only one of several starters can do; the highest is never removed
 * (a release marks it), so numbers only grow and a starter that was delayed finds a higher one and gives way.
 */
export async function acquireInstanceLock(home: Home): Promise<LockAttempt> {
  const self = identify(process.pid);
  for (;;) {
    const highest = (await generations(home)).at(-1) ?? 0;
    const holder = highest > 0 ? await readRecord(home, highest) : undefined;
    if (holder !== undefined && holder.released !== true && isRunning(holder)) {
      return { acquired: false, owner: holder };
    }
    if (await claimGeneration(home, highest + 1, self)) {
      return { acquired: true, lock: lockOf(home, highest + 1, self) };
    }
  }
}

/**
 * Creates one generation of the lock; false when somebody else has it or a later one. A starter may come to this
 * step long after it looked, when others took the lock, gave it back and removed the lower numbers.
 */
export async function claimGeneration(home: Home, mine: number, self: ProcessIdentity): Promise<boolean> {
  if (!(await createPrivateFile(fileOf(home, mine), serialize(self)))) return false;
  const all = await generations(home);
  if (all.at(-1) !== mine) {
    await rm(fileOf(home, mine), { force: true });
    return false;
  }
  await Promise.all(all.filter((n) => n < mine).map((n) => rm(fileOf(home, n), { force: true })));
  return true;
}

/** The live owner of a data folder; undefined when nobody runs it. */
export async function currentOwner(home: Home): Promise<LockOwner | undefined> {
  const highest = (await generations(home)).at(-1);
  const record = highest === undefined ? undefined : await readRecord(home, highest);
  return record !== undefined && record.released !== true && isRunning(record) ? record : undefined;
}

function lockOf(home: Home, generation: number, self: ProcessIdentity): InstanceLock {
  const write = (record: LockRecord) => writePrivateFile(fileOf(home, generation), serialize(record));
  return {
    announce: (url) => write({ ...self, url }),
    release: () => write({ ...self, released: true }),
  };
}

function fileOf(home: Home, generation: number): string {
  return path.join(home.run.lockDir, `${generation}.json`);
}

async function generations(home: Home): Promise<number[]> {
  const names = await readdir(home.run.lockDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const numbers = names.flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? []);
  return numbers.map(Number).sort((a, b) => a - b);
}

/** A file that vanished was superseded; one that cannot be parsed was written by nobody alive. */
async function readRecord(home: Home, generation: number): Promise<LockRecord | undefined> {
  const text = await readIfPresent(fileOf(home, generation));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as LockRecord;
  } catch {
    return undefined;
  }
}

function serialize(record: LockRecord): string {
  return `${JSON.stringify(record)}\n`;
}
