import type { OriginDeps } from '../deps.js';
import type { Clutter, Stored } from '../ports/upkeep.port.js';

/** A repository that nobody wrote to for this long is quiet: a push takes seconds. */
const QUIET_MS = 60_000;
/** From here on a repack makes reading faster than it costs. */
const WORTH = { loose: 250, packs: 10 };
/** A repository that is never quiet is repacked beside its pushes, before reading it gets slow. */
const URGENT = { loose: 5_000, packs: 100 };

/** Whether a repository is to be repacked now. */
export function isDue({ loose, packs, idleMs }: Pick<Clutter, 'loose' | 'packs' | 'idleMs'>): boolean {
  const least = idleMs >= QUIET_MS ? WORTH : URGENT;
  return loose >= least.loose || packs >= least.packs;
}

/** Keeps repositories in few packs, one after the other. */
export class Upkeep {
  /** @param everyMs 0: never */
  constructor(
    private readonly deps: Pick<OriginDeps, 'git' | 'clock' | 'log'>,
    private readonly places: readonly Stored[],
    private readonly everyMs: number,
  ) {}

  /** Runs until the returned function is called. */
  start(): () => void {
    const { everyMs, deps } = this;
    return everyMs === 0 ? () => undefined : deps.clock.every(everyMs, () => this.tick());
  }

  async tick(): Promise<void> {
    const { upkeep } = this.deps.git;
    for (const place of this.places) {
      const due = await upkeep.clutter(place).then(
        (found) => found.filter(isDue),
        (error: unknown) => this.failed(error, { where: place }),
      );
      for (const clutter of due ?? []) await this.repack(clutter);
    }
  }

  private async repack(clutter: Clutter): Promise<void> {
    const { git, clock, log } = this.deps;
    const began = clock.monotonic();
    try {
      if (!(await git.upkeep.repack(clutter))) return;
      log.info({ ...clutter, ms: Math.round(clock.monotonic() - began) }, 'a repository was repacked');
    } catch (error) {
      this.failed(error, clutter);
    }
  }

  private failed(error: unknown, about: object): void {
    this.deps.log.warn({ err: error, ...about }, 'a repository could not be repacked; it is tried again');
  }
}
