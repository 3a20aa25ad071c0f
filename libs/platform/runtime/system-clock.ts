import { performance } from 'node:perf_hooks';
import type { Clock } from '#engine/ports/clock.port.js';

/** What the machine's clock shows: to read times that others write by it. Nothing is decided by it. */
export const wallClock = (): Date => new Date();

/** The machine's own timers. They never keep a process alive by themselves. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),

  every(ms, work) {
    let stopped = false;
    let timer: NodeJS.Timeout;
    const next = () => {
      if (stopped) return;
      timer = setTimeout(() => void work().finally(next), ms);
      timer.unref();
    };
    next();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  },

  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(done, ms);
      function done() {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
      signal?.addEventListener('abort', done, { once: true });
    });
  },
};
