import { access, mkdir, mkdtemp, readFile, readdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isAlive, SELF, withLock } from './cache-lock.js';
import type { FileTools } from './file-tools.js';

/** Written when all folders of an entry are there; an entry without it is damaged. */
const MARKER = 'entry.json';
/** Its time of change is the time of the last use. */
const USED = 'used';
const FILES = 'files';
const NEW = '.new-';
const TRASH = '.trash-';

interface Entry {
  readonly kilobytes: number;
}

/**
 * Folders that set-ups made, each entry named by the key of what it depends on: `<key>/files/<n>` for the n-th folder.
 * An entry appears whole by a rename, is read-only, and is only ever copied from.
 */
export class SetupCache {
  /** How many copies from an entry are under way in this process: such an entry stays. */
  private readonly inUse = new Map<string, number>();
  private swept: Promise<void> | null = null;

  constructor(
    private readonly root: string,
    private readonly limitKilobytes: number,
    private readonly tools: FileTools,
  ) {}

  /**
   * Copies the folders of an entry, which `make` builds first where there is none. Of several that ask for the same
   * entry at once, on this machine, one builds it.
   *
   * @param make puts the folders, in order, to the paths it is given
   * @returns whether the entry was there
   */
  async provide(input: {
    readonly key: string;
    readonly targets: readonly string[];
    readonly make: (folders: readonly string[]) => Promise<void>;
    readonly signal: AbortSignal;
  }): Promise<boolean> {
    const { key, targets, make, signal } = input;
    this.swept ??= this.sweep();
    await this.swept;
    return this.using(key, async () => {
      if (await this.restore(key, targets, signal)) return true;
      await withLock(path.join(this.root, `${key}.lock`), signal, async () => {
        if (!(await this.isWhole(key, targets.length))) await this.build(key, targets.length, make, signal);
      });
      if (await this.restore(key, targets, signal)) return false;
      throw new Error(`The entry ${key} of the set-up cache in ${this.root} vanished while it was copied.`);
    });
  }

  /** False when there is no such entry, or not all of it. */
  private async restore(key: string, targets: readonly string[], signal: AbortSignal): Promise<boolean> {
    if (!(await this.isWhole(key, targets.length))) return false;
    await writeFile(path.join(this.root, key, USED), 'x');
    for (const [index, target] of targets.entries()) {
      await mkdir(path.dirname(target), { recursive: true });
      await this.tools.remove(target);
      await this.tools.copy(this.folder(key, index), target, signal);
      await this.tools.makeWritable(target, signal);
    }
    return true;
  }

  private async build(
    key: string,
    count: number,
    make: (folders: readonly string[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const draft = await mkdtemp(path.join(this.root, `${NEW}${SELF}-`));
    try {
      const files = path.join(draft, FILES);
      await mkdir(files);
      await make(Array.from({ length: count }, (_, index) => path.join(files, String(index))));
      const kilobytes = await this.tools.kilobytes(files, signal);
      await this.tools.makeReadOnly(files, signal);
      await writeFile(path.join(draft, USED), 'x');
      await writeFile(path.join(draft, MARKER), JSON.stringify({ kilobytes } satisfies Entry));
      await this.discard(key);
      await rename(draft, path.join(this.root, key));
    } catch (error) {
      await this.tools.remove(draft);
      throw error;
    }
    await this.evict();
  }

  private async isWhole(key: string, count: number): Promise<boolean> {
    if ((await this.read(key)) === null) return false;
    const there = await Promise.allSettled(
      Array.from({ length: count }, (_, index) => access(this.folder(key, index))),
    );
    return there.every(({ status }) => status === 'fulfilled');
  }

  /** Null for an entry that is not there, or damaged. */
  private async read(key: string): Promise<Entry | null> {
    try {
      return JSON.parse(await readFile(path.join(this.root, key, MARKER), 'utf8')) as Entry;
    } catch {
      return null;
    }
  }

  /** Removes what was used longest ago until the rest fits; what is being copied stays. */
  private async evict(): Promise<void> {
    const names = (await readdir(this.root)).filter((name) => /^[0-9a-f]+$/.test(name));
    const entries = await Promise.all(
      names.map(async (key) => {
        const used = await stat(path.join(this.root, key, USED)).catch(() => null);
        return { key, kilobytes: (await this.read(key))?.kilobytes ?? 0, used: used?.mtimeMs ?? 0 };
      }),
    );
    entries.sort((a, b) => a.used - b.used);
    let total = entries.reduce((sum, { kilobytes }) => sum + kilobytes, 0);
    for (const { key, kilobytes } of entries) {
      if (total <= this.limitKilobytes) return;
      if (this.inUse.has(key)) continue;
      await this.discard(key);
      total -= kilobytes;
    }
  }

  /** Out of the way first, in one step, so that nobody finds half of it. */
  private async discard(key: string): Promise<void> {
    const trash = await mkdtemp(path.join(this.root, `${TRASH}${SELF}-`));
    await rename(path.join(this.root, key), path.join(trash, key)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await this.tools.remove(trash);
  }

  /** Removes what processes that died were writing or removing. */
  private async sweep(): Promise<void> {
    await mkdir(this.root, { recursive: true });
    for (const name of await readdir(this.root)) {
      const owner = /^\.(?:new|trash)-(.+)-[^-]+$/.exec(name)?.[1];
      if (owner !== undefined && !isAlive(owner)) await this.tools.remove(path.join(this.root, name));
    }
  }

  private async using<T>(key: string, work: () => Promise<T>): Promise<T> {
    this.inUse.set(key, (this.inUse.get(key) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.inUse.get(key) ?? 1) - 1;
      if (left === 0) this.inUse.delete(key);
      else this.inUse.set(key, left);
    }
  }

  private folder(key: string, index: number): string {
    return path.join(this.root, key, FILES, String(index));
  }
}
