import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  opendirSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
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
  /** Where its input is put: an empty file before. */
  readonly input: string;
  /** Where it may leave a result; not there before. */
  readonly result: string;
}

interface Slot extends ThrowAwayFolder {
  /** The folders and the input as they were made: whoever changed one gets the next run another. */
  readonly made: ReadonlyMap<string, Stats>;
  /** When it was lent last, in ms. */
  lent: number;
}

const KEPT_IDLE = 64;
const FOLDERS = ['home', 'tmp', 'work'] as const;
/** File systems keep times in steps of a few milliseconds. */
const STEP_MS = 20;

/** All pools of this process: what they keep goes when the process ends. */
const pools = new Set<ThrowAwayFolders>();
/** Folders that this process made: one of the same number may have died before it. */
const own = new Set<string>();

function removeAll(): void {
  for (const pool of pools) pool.clear();
}

/**
 * Folders for one run each. Making and removing them costs more than the start of a process, so a folder in which a
 * run left nothing but its report serves the next one; any other is removed. The input's file stays, emptied: making a
 * file is the dearest of all that.
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
    slot.lent = performance.timeOrigin + performance.now();
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
    const input = at('input.json');
    writeFileSync(input, '', { mode: 0o600, flag: 'wx' });
    const made = new Map([path, input, ...FOLDERS.map(at)].map((place) => [place, lstatSync(place)]));
    const [home, tmp, work] = [at('home'), at('tmp'), at('work')];
    return { path, home, tmp, work, input, result: at('result.json'), made, lent: 0 };
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

/**
 * Takes the report away and empties the input, and says whether all else is as if no run had been: same folders, same
 * rights, empty. A folder that was last changed well before the run holds what it held then: nothing.
 */
function isAsMade(slot: Slot): boolean {
  try {
    unlinkIfThere(slot.result);
    for (const [place, made] of slot.made) {
      const now = lstatSync(place);
      if (now.ino !== made.ino || now.mode !== made.mode || now.uid !== made.uid || now.gid !== made.gid)
        return false;
      if (place === slot.input) {
        if (now.nlink !== 1) return false;
        if (now.size > 0) truncateSync(place, 0);
        continue;
      }
      const untouched = now.ctimeMs === made.ctimeMs && now.ctimeMs < slot.lent - STEP_MS;
      if (!untouched && !holdsAtMost(place, place === slot.path ? FOLDERS.length + 1 : 0)) return false;
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
