import { lstatSync, mkdirSync, mkdtempSync, opendirSync, rmSync, unlinkSync, type Stats } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from './process-table.js';

/** What an untrusted process has for one run. All of it is empty at the start and gone afterwards. */
export interface ThrowAwayFolder {
  readonly path: string;
  readonly home: string;
  readonly tmp: string;
  /** To work in, where there is no workspace. */
  readonly work: string;
  /** Where its input is put; not there before. */
  readonly input: string;
  /** Where it may leave a result; not there before. */
  readonly result: string;
}

interface Slot extends ThrowAwayFolder {
  /** The folders as they were made: whoever changed one gets the next run another. */
  readonly made: ReadonlyMap<string, Stats>;
}

const KEPT_IDLE = 64;
const FOLDERS = ['home', 'tmp', 'work'] as const;

/** All pools of this process: what they keep goes when the process ends. */
const pools = new Set<ThrowAwayFolders>();
/** Folders that this process made: one of the same number may have died before it. */
const own = new Set<string>();

function removeAll(): void {
  for (const pool of pools) pool.clear();
}

/**
 * Folders for one run each. Making and removing them costs more than the start of a process, so a folder in which a
 * run left nothing but the two files that are known serves the next one; any other is removed.
 */
export class ThrowAwayFolders {
  private readonly idle: Slot[] = [];

  constructor(private readonly root: string) {
    if (pools.size === 0) process.once('exit', removeAll);
    pools.add(this);
  }

  /** Lends a folder for as long as `work` takes, and sees to it that nothing stays in it whatever happens. */
  async use<T>(work: (folder: ThrowAwayFolder) => Promise<T>): Promise<T> {
    const slot = this.idle.pop() ?? this.make();
    try {
      return await work(slot);
    } finally {
      if (this.idle.length < KEPT_IDLE && isAsMade(slot)) this.idle.push(slot);
      else await rm(slot.path, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  /** Removes what is kept for the next runs. */
  clear(): void {
    for (const slot of this.idle.splice(0)) rmSync(slot.path, { recursive: true, force: true });
  }

  private make(): Slot {
    mkdirSync(this.root, { recursive: true });
    const path = mkdtempSync(join(this.root, `run-${process.pid}-`));
    own.add(path);
    const at = (name: string) => join(path, name);
    for (const name of FOLDERS) mkdirSync(at(name), { mode: 0o700 });
    const made = new Map([path, ...FOLDERS.map(at)].map((folder) => [folder, lstatSync(folder)]));
    const [home, tmp, work] = [at('home'), at('tmp'), at('work')];
    return { path, home, tmp, work, input: at('input.json'), result: at('result.json'), made };
  }
}

/** Removes what killed processes could not: folders whose maker is gone. */
export async function removeAbandonedFolders(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    const maker = Number(/^run-(\d+)-[^-]+$/.exec(name)?.[1] ?? NaN);
    const path = join(root, name);
    const used = maker === process.pid ? own.has(path) : Number.isNaN(maker) || isAlive(maker);
    if (!used) await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/** Takes the known files away, and says whether all else is as if no run had been: same folders, same rights, empty. */
function isAsMade(slot: Slot): boolean {
  try {
    for (const file of [slot.input, slot.result]) unlinkIfThere(file);
    for (const [folder, made] of slot.made) {
      const now = lstatSync(folder);
      if (now.ino !== made.ino || now.mode !== made.mode || now.uid !== made.uid || now.gid !== made.gid)
        return false;
      if (!holdsAtMost(folder, folder === slot.path ? FOLDERS.length : 0)) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function unlinkIfThere(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) unlinkSync(file);
}

/** Reads no further than it must: a run may have left a million files. */
function holdsAtMost(folder: string, count: number): boolean {
  const entries = opendirSync(folder, { bufferSize: 4 });
  try {
    for (let seen = 0; seen <= count; seen += 1) if (entries.readSync() === null) return true;
    return false;
  } finally {
    entries.closeSync();
  }
}
