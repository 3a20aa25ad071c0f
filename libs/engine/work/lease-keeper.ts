import type { EngineDeps } from '../deps.js';
import type { Leased } from '../ports/store.port.js';
import { record } from '../unit-of-work.js';

export interface KeptLease {
  /** Whether the lease was refused, in which case the work is somebody else's, or what it is kept under has ended. */
  readonly ended: boolean;
  /** Aborts then. */
  readonly signal: AbortSignal;
  /**
   * Asks, before an effect that no token guards, whether the lease is still ours; a database that is away is waited for.
   *
   * @returns false when it is somebody else's
   * @throws when the database is away and the signal has aborted
   */
  isOurs(): Promise<boolean>;
  stop(): void;
}

/**
 * Renews a lease while the main loop ticks. A database that is away is no refusal: the work goes on, since every
 * write names the token anyway.
 *
 * @param outer aborts the work as well, e.g. at shutdown
 */
export function keepLease(deps: EngineDeps, leased: Leased, outer?: AbortSignal): KeptLease {
  return new RenewedLease(deps, leased, outer);
}

class RenewedLease implements KeptLease {
  ended = false;
  private lost = false;
  private controller: AbortController | null = null;
  private readonly beside: RenewedLease[];
  private readonly rest: () => void;

  constructor(
    private readonly deps: EngineDeps,
    private readonly leased: Leased,
    outer: AbortSignal | undefined,
  ) {
    this.beside = outer === undefined ? [] : endedBy(outer);
    this.beside.push(this);
    if (outer?.aborted === true) this.end();
    this.rest = deps.clock.every(deps.leaseMs / 3, () => this.renew());
  }

  /** Made for who asks: to Node, each is an object of a shape of its own, which is old from the beginning. */
  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController();
      if (this.ended) this.controller.abort();
    }
    return this.controller.signal;
  }

  async isOurs(): Promise<boolean> {
    const { deps, leased } = this;
    return !this.lost && (await record(deps, () => deps.store.renew(leased), this.signal)) === true;
  }

  stop(): void {
    this.rest();
    takeOut(this.beside, this);
  }

  end(): void {
    this.ended = true;
    this.controller?.abort();
  }

  private async renew(): Promise<void> {
    const { deps, leased } = this;
    try {
      if (await deps.store.renew(leased)) return;
      deps.log.warn({ ...leased }, 'the lease is lost');
      this.lost = true;
      this.end();
      this.stop();
    } catch (error) {
      deps.log.warn({ err: error, ...leased }, 'could not renew a lease; trying again');
    }
  }
}

/** What each signal ends. */
const endings = new WeakMap<AbortSignal, RenewedLease[]>();

/**
 * What a signal ends when it aborts, by one listener for all. What AbortSignal.any leaves at a signal that outlives the
 * work stays there as long as it; and a listener that was taken off still points at the next one, so that one that has
 * grown old keeps every lease after it until the whole heap is collected. A Set does so too, from table to table.
 */
function endedBy(signal: AbortSignal): RenewedLease[] {
  const known = endings.get(signal);
  if (known !== undefined) return known;
  const all: RenewedLease[] = [];
  endings.set(signal, all);
  signal.addEventListener('abort', () => [...all].forEach((lease) => lease.end()), { once: true });
  return all;
}

function takeOut(all: RenewedLease[], lease: RenewedLease): void {
  const place = all.indexOf(lease);
  const last = all.at(-1);
  if (place < 0 || last === undefined) return;
  all[place] = last;
  all.pop();
}
