import type { EngineDeps } from '../deps.js';
import type { Leased } from '../ports/store.port.js';

export interface KeptLease {
  /** Aborts when the lease was refused: the work is somebody else's. */
  readonly signal: AbortSignal;
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
  const stop = deps.clock.every(deps.leaseMs / 3, async () => {
    try {
      if (!(await deps.store.renew(leased))) {
        deps.log.warn({ ...leased }, 'the lease is lost');
        lost.abort();
        stop();
      }
    } catch (error) {
      deps.log.warn({ err: error, ...leased }, 'could not renew a lease; trying again');
    }
  });
  const signal = outer === undefined ? lost.signal : AbortSignal.any([lost.signal, outer]);
  return { signal, stop };
}
