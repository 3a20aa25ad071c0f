import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { GitPort, Workspace } from '#engine/ports/git.port.js';
import type { Mirror, Mirrors } from './mirror.js';
import { Mutex } from './mutex.js';
import { fileId, objectId } from './names.js';
import type { GitRunner } from './runner.js';
import { claim } from './slot-lock.js';
import { SlotNumbers } from './slot-numbers.js';
import { Slot, TRASH } from './slot.js';
import { removeAll } from './sweep.js';
import { TreeListings } from './tree-listing.js';

interface Pool {
  readonly path: string;
  readonly mirror: Mirror;
  readonly listings: TreeListings;
  /** Slots this process has claimed and nobody uses, last used first: its files are still in the cache. */
  readonly free: Slot[];
  /** Numbers of all slots this process has claimed. */
  readonly claimed: Set<number>;
  readonly mutex: Mutex;
}

/** Hands out working trees. A slot stays claimed by this process until `close`; a dead process loses its own. */
export class WorkspacePool {
  private readonly pools = new Map<string, Promise<Pool>>();
  private readonly numbers = new Map<string, SlotNumbers>();

  constructor(
    private readonly runner: GitRunner,
    private readonly mirrors: Mirrors,
    private readonly home: string,
  ) {}

  /** A tree with the files of the commit and no others. Throws if neither mirror nor hub has the commit. */
  async open(input: Parameters<GitPort['openWorkspace']>[0]): Promise<Workspace> {
    const { repositoryId, commit, files = commit, pool: kind, exclude = [] } = input;
    await this.mirrors.with(repositoryId, objectId(commit), objectId(files));
    const pool = await this.pool(repositoryId, kind);
    const slot = pool.free.pop() ?? (await pool.mutex.run(() => this.claimSlot(pool)));
    const numbers = this.numbersOf(kind);
    const number = await numbers.take();
    const onRelease = () => {
      pool.free.push(slot);
      numbers.give(number);
    };
    try {
      return await slot.checkout({ commit, files, number, exclude, onRelease });
    } catch (error) {
      onRelease();
      throw error;
    }
  }

  /** Gives all slots up. Workspaces still in use must not be used any more. */
  async close(): Promise<void> {
    for (const opened of await Promise.allSettled(this.pools.values())) {
      if (opened.status === 'rejected') continue;
      const { path, claimed } = opened.value;
      await Promise.all(
        [...claimed].map((number) => rm(join(path, String(number), 'lock'), { force: true })),
      );
    }
    this.pools.clear();
    await Promise.all([...this.numbers.values()].map((numbers) => numbers.close()));
  }

  private numbersOf(kind: string): SlotNumbers {
    const numbers = this.numbers.get(kind) ?? new SlotNumbers(resolve(join(this.home, 'slots', kind)));
    this.numbers.set(kind, numbers);
    return numbers;
  }

  private pool(repositoryId: string, kind: string): Promise<Pool> {
    const path = resolve(join(this.home, 'pools', kind, fileId(repositoryId)));
    const known = this.pools.get(path);
    if (known !== undefined) return known;
    const opened = this.openPool(path, repositoryId);
    this.pools.set(path, opened);
    opened.catch(() => this.pools.delete(path));
    return opened;
  }

  private async openPool(path: string, repositoryId: string): Promise<Pool> {
    const mirror = await this.mirrors.of(repositoryId);
    await mkdir(path, { recursive: true });
    const trash = (await readdir(path)).filter((name) => name.startsWith(TRASH));
    await Promise.all(trash.map((name) => removeAll(join(path, name))));
    const listings = new TreeListings(this.runner, mirror.path);
    return { path, mirror, listings, free: [], claimed: new Set(), mutex: new Mutex() };
  }

  private async claimSlot(pool: Pool): Promise<Slot> {
    for (let number = 1; ; number += 1) {
      if (pool.claimed.has(number)) continue;
      const path = join(pool.path, String(number));
      await mkdir(path, { recursive: true });
      if ((await claim(join(path, 'lock'))) === null) continue;
      pool.claimed.add(number);
      return new Slot(this.runner, pool.mirror, pool.listings, path);
    }
  }
}
