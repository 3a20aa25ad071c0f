import { statfsSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** File systems keep times in steps of a few milliseconds. */
const STEP_MS = 20;
const SMALLEST_LOOK_BYTES = 16 * 2 ** 20;

/**
 * Watches what a run writes to its folders. Walking a large repository costs too much to be done by the clock: the
 * free space of the file system, which costs nothing, says when a walk is due.
 */
export class DiskUse {
  private readonly since = performance.timeOrigin + performance.now() - STEP_MS;
  private free: number;

  constructor(
    private readonly folders: readonly string[],
    private readonly limit: number,
  ) {
    this.free = this.freeBytes();
  }

  /** Bytes written since the start, as far as a look was due; it stops counting above the limit. */
  async measure(): Promise<number> {
    const free = this.freeBytes();
    if (this.free - free < Math.min(SMALLEST_LOOK_BYTES, this.limit / 4)) return 0;
    this.free = free;
    return this.written();
  }

  /** What files hold whose content or place changed; a changed time of theirs cannot be forged. */
  private async written(): Promise<number> {
    let total = 0;
    const folders = [...this.folders];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) folders.push(path);
        else {
          const found = await lstat(path).catch(() => null);
          if (found !== null && found.ctimeMs >= this.since) total += found.blocks * 512;
        }
      }
      if (total > this.limit) return total;
    }
    return total;
  }

  private freeBytes(): number {
    try {
      const [folder] = this.folders;
      if (folder === undefined) return 0;
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    } catch {
      return 0;
    }
  }
}
