import {
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  opendirSync,
  openSync,
  rmSync,
  unlinkSync,
  writeSync,
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
  /** Where its input is: an empty file, until it is filled. */
  readonly input: string;
  /** Writes its input, once; whatever else a run has put in the file's place is not followed, and not written. */
  fill(content: string): void;
  /** Where it may leave a result; not there before. */
  readonly result: string;
}

interface Slot extends ThrowAwayFolder {
  /** The folders and the input as they were made: whoever changed one gets the next run another. */
  readonly made: ReadonlyMap<string, Stats>;
  /** The input, open: opening it costs as much as writing to it. */
  readonly opened: number;
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
  /** Nobody works in these any more, and nobody has seen to them yet. */
  private readonly used = new Set<Slot>();

  constructor(private readonly root: string) {
    if (pools.size === 0) process.once('exit', removeAll);
    pools.add(this);
  }

  /**
   * Lends a folder for as long as `work` takes, and sees to it afterwards that nothing stays in it whatever happens: who
   * waits for what `work` found does not wait for that.
   */
  async use<T>(work: (folder: ThrowAwayFolder) => Promise<T>): Promise<T> {
    const slot = this.idle.pop() ?? this.make();
    slot.lent = performance.timeOrigin + performance.now();
    try {
      return await work(slot);
    } finally {
      this.used.add(slot);
      setImmediate(() => void this.takeBack(slot));
    }
  }

  /** Removes what is kept for the next runs, and what they left. */
  clear(): void {
    const all = [...this.idle.splice(0), ...this.used];
    this.used.clear();
    for (const { path, opened } of all) {
      closeSync(opened);
      rmSync(path, { recursive: true, force: true });
    }
  }

  private async takeBack(slot: Slot): Promise<void> {
    if (!this.used.delete(slot)) return;
    if (this.idle.length < KEPT_IDLE && isAsMade(slot)) {
      this.idle.push(slot);
      return;
    }
    closeSync(slot.opened);
    // What cannot be removed now is removed by the next process that starts.
    await rm(slot.path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }

  private make(): Slot {
    mkdirSync(this.root, { recursive: true });
    const path = mkdtempSync(join(this.root, `run-${process.pid}-`));
    own.add(path);
    const at = (name: string) => join(path, name);
    for (const name of FOLDERS) mkdirSync(at(name), { mode: 0o700 });
    const input = at('input.json');
    const opened = openSync(input, 'wx', 0o600);
    const fill = (content: string) => writeWhole(opened, content);
    const made = new Map([path, input, ...FOLDERS.map(at)].map((place) => [place, lstatSync(place)]));
    const [home, tmp, work] = [at('home'), at('tmp'), at('work')];
    return { path, home, tmp, work, input, fill, result: at('result.json'), made, opened, lent: 0 };
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
        if (now.size > 0) ftruncateSync(slot.opened);
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

/** Writes a file that is open, and empty, from its beginning. */
function writeWhole(opened: number, content: string): void {
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length;) at += writeSync(opened, bytes, at, bytes.length - at, at);
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
