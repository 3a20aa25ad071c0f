import type { PackStore } from './pack-store.js';

/** Encoded records in memory, bounded by their bytes, and behind them those on disk. */
export class RecordCache {
  private readonly memory = new Map<string, Buffer>();
  private bytes = 0;
  private opened: Promise<void> | null = null;

  constructor(
    private readonly maxBytes: number,
    private readonly disk: PackStore | null,
  ) {}

  /** Learns what other processes wrote. */
  async refresh(): Promise<void> {
    if (this.disk === null) return;
    this.opened ??= this.disk.open();
    await this.opened;
    await this.disk.refresh();
  }

  get(key: string): Buffer | null {
    const known = this.memory.get(key);
    if (known !== undefined) {
      // What was asked for last leaves last.
      this.memory.delete(key);
      this.memory.set(key, known);
      return known;
    }
    const read = this.disk?.get(key) ?? null;
    if (read !== null) this.remember(key, read);
    return read;
  }

  put(key: string, record: Buffer): void {
    this.remember(key, record);
    this.disk?.put(key, record);
  }

  async flush(): Promise<void> {
    await this.disk?.flush();
  }

  async close(): Promise<void> {
    this.memory.clear();
    await this.disk?.close();
  }

  private remember(key: string, record: Buffer): void {
    this.bytes += record.length - (this.memory.get(key)?.length ?? 0);
    this.memory.set(key, record);
    for (const [oldest, old] of this.memory) {
      if (this.bytes <= this.maxBytes) break;
      this.memory.delete(oldest);
      this.bytes -= old.length;
    }
  }
}
