import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DRAFT, pack, PackFile, type StoredRecord } from './pack-file.js';

const SUFFIX = '.pack';
const PACK_BYTES = 8 * 1024 * 1024;
const SMALL_BYTES = 1024 * 1024;
/** Commits of few files leave small packs; from so many on they become one. */
const MAX_SMALL_PACKS = 16;
const STALE_DRAFT_MS = 3_600_000;
const STALE_VERSION_MS = 24 * 3_600_000;

/**
 * Records on disk, shared by processes that know nothing of each other: packs appear whole, never change, and may be
 * removed by anyone at any time, since whatever is missing is made again.
 */
export class PackStore {
  private readonly packs = new Map<string, PackFile>();
  private pending = new Map<string, StoredRecord>();
  private pendingBytes = 0;
  private writing: Promise<void> = Promise.resolve();
  private readonly folder: string;

  /** @param version records of another one are never read */
  constructor(
    private readonly home: string,
    version: string,
    private readonly maxBytes: number,
  ) {
    this.folder = join(home, version.replace(/[^\w.-]+/g, '_'));
  }

  /** Makes the folder and sweeps what killed processes and old versions left. */
  async open(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const { mtimeMs: now } = await this.touch();
    for (const name of await readdir(this.home)) {
      const path = join(this.home, name);
      if (path !== this.folder) await removeOlder(path, now - STALE_VERSION_MS);
    }
    for (const name of await readdir(this.folder)) {
      if (name.startsWith(DRAFT)) await removeOlder(join(this.folder, name), now - STALE_DRAFT_MS);
    }
    await this.refresh();
  }

  /** Learns of the packs that others wrote or removed. A pack that is damaged as a whole is removed. */
  async refresh(): Promise<void> {
    const names = (await readdir(this.folder).catch(() => [])).filter((name) => name.endsWith(SUFFIX));
    const present = new Set(names);
    for (const [name, known] of this.packs) {
      if (present.has(name)) continue;
      known.close();
      this.packs.delete(name);
    }
    for (const name of names) {
      if (this.packs.has(name)) continue;
      const path = join(this.folder, name);
      const opened = PackFile.open(path);
      if (opened === null) await rm(path, { force: true });
      else this.packs.set(name, opened);
    }
  }

  get(key: string): Buffer | null {
    for (const known of this.packs.values()) {
      const record = known.has(key) ? known.read(key) : null;
      if (record !== null) return record;
    }
    return null;
  }

  /** Takes a record; a full pack of them is written beside the caller's work. */
  put(key: string, record: Buffer): void {
    const packed = pack(key, record);
    this.pending.set(key, packed);
    this.pendingBytes += packed.stored.length;
    if (this.pendingBytes >= PACK_BYTES) void this.flush();
  }

  /** Writes what was put. A disk that takes nothing costs the next process time, not this one its verdict. */
  flush(): Promise<void> {
    const records = [...this.pending.values()];
    this.pending = new Map();
    this.pendingBytes = 0;
    if (records.length > 0) {
      this.writing = this.writing.then(() => this.write(records)).catch(() => undefined);
    }
    return this.writing;
  }

  async close(): Promise<void> {
    await this.flush();
    for (const known of this.packs.values()) known.close();
    this.packs.clear();
  }

  private async write(records: readonly StoredRecord[]): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await PackFile.write(this.folder, records);
    await this.refresh();
    await this.merge();
    await this.evict();
  }

  private async merge(): Promise<void> {
    const small = [...this.packs].filter(([, known]) => known.bytes < SMALL_BYTES);
    if (small.length < MAX_SMALL_PACKS) return;
    const records = new Map<string, StoredRecord>();
    for (const [, known] of small) {
      for (const key of known.keys()) {
        const stored = known.stored(key);
        if (stored !== null) records.set(key, stored);
      }
    }
    await PackFile.write(this.folder, [...records.values()]);
    for (const [, known] of small) await rm(known.path, { force: true });
    await this.refresh();
  }

  /** The packs written first leave first. */
  private async evict(): Promise<void> {
    const oldestFirst = [...this.packs.values()].sort((a, b) => a.modified - b.modified);
    let bytes = oldestFirst.reduce((sum, known) => sum + known.bytes, 0);
    for (const known of oldestFirst) {
      if (bytes <= this.maxBytes) break;
      bytes -= known.bytes;
      await rm(known.path, { force: true });
    }
    await this.refresh();
  }

  /** Other versions see by it that this one is in use; the clock is the file system's. */
  private async touch(): Promise<{ readonly mtimeMs: number }> {
    const probe = join(this.folder, `${DRAFT}clock`);
    await mkdir(probe, { recursive: true });
    await rm(probe, { recursive: true, force: true });
    return await stat(this.folder);
  }
}

async function removeOlder(path: string, before: number): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found !== null && found.mtimeMs < before) await rm(path, { recursive: true, force: true });
}
