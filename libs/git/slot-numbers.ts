import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Mutex } from './mutex.js';
import { claim } from './slot-lock.js';

/**
 * Numbers the workspaces in use, from 0, so that no two of one pool have the same at once: across repositories, and
 * across the processes that share the folder. Numbers are small, since each is given again once it is free.
 */
export class SlotNumbers {
  private readonly used = new Set<number>();
  /** Locked by this process until `close`. */
  private readonly claimed = new Set<number>();
  private readonly mutex = new Mutex();

  constructor(private readonly path: string) {}

  /** The lowest number that nobody uses. */
  take(): Promise<number> {
    return this.mutex.run(async () => {
      await mkdir(this.path, { recursive: true });
      for (let number = 0; ; number += 1) {
        if (this.used.has(number)) continue;
        if (!this.claimed.has(number) && (await claim(join(this.path, String(number)))) === null) continue;
        this.claimed.add(number);
        this.used.add(number);
        return number;
      }
    });
  }

  give(number: number): void {
    this.used.delete(number);
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.claimed].map((number) => rm(join(this.path, String(number)), { force: true })),
    );
    this.claimed.clear();
  }
}
