import type { EngineDeps } from '../deps.js';
import type { Leased } from '../ports/store.port.js';
import { record } from '../unit-of-work.js';

export interface KeptLease {
  /** Aborts when the lease was refused: the work is somebody else's. */
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
  const lost = new AbortController();
  const ended = new AbortController();
  const end = () => ended.abort();
  const all = outer === undefined ? undefined : endedBy(outer);
  all?.push(end);
  if (outer?.aborted === true) end();
  const rest = deps.clock.every(deps.leaseMs / 3, async () => {
    try {
      if (!(await deps.store.renew(leased))) {
        deps.log.warn({ ...leased }, 'the lease is lost');
        lost.abort();
        end();
        stop();
      }
    } catch (error) {
      deps.log.warn({ err: error, ...leased }, 'could not renew a lease; trying again');
    }
  });
  const stop = () => {
    rest();
    if (all !== undefined) takeOut(all, end);
  };
  const { signal } = ended;
  return {
    signal,
    stop,
    async isOurs() {
      return !lost.signal.aborted && (await record(deps, () => deps.store.renew(leased), signal)) === true;
    },
  };
}

/** What each signal ends. */
const ends = new WeakMap<AbortSignal, (() => void)[]>();

/**
 * What a signal ends when it aborts, by one listener for all. What AbortSignal.any leaves at a signal that outlives the
 * work stays there as long as it; and a listener that was taken off still points at the next one, so that one that has
 * grown old keeps every lease after it until the whole heap is collected. A Set does so too, from table to table.
 */
function endedBy(signal: AbortSignal): (() => void)[] {
  const known = ends.get(signal);
  if (known !== undefined) return known;
  const all: (() => void)[] = [];
  ends.set(signal, all);
  signal.addEventListener('abort', () => all.forEach((end) => end()), { once: true });
  return all;
}

function takeOut(all: (() => void)[], end: () => void): void {
  const place = all.indexOf(end);
  const last = all.at(-1);
  if (place < 0 || last === undefined) return;
  all[place] = last;
  all.pop();
}
