import { performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from './system-clock.js';

const LOOK_MS = 1_000;
/** Share of the time that the main loop had something to do: the pause of a collection then holds nobody up. */
const IDLE_BELOW = 0.05;
/** More than garbage that has never grown old, which costs next to nothing to collect. */
const WORTH_BYTES = 24 * 1024 * 1024;

type Collect = (options: { readonly type: 'major'; readonly execution: 'async' }) => Promise<void>;

/**
 * Gives back what a burst of work left, such as the creation of a large plan, as soon as this process rests. V8 by itself
 * waits for half a minute of that.
 *
 * @returns the way to stop
 */
export function collectWhenIdle(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  let kept = usedBytes();
  let seen = performance.eventLoopUtilization();
  return systemClock.every(LOOK_MS, async () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, seen);
    seen = now;
    kept = Math.min(kept, usedBytes());
    if (utilization > IDLE_BELOW || usedBytes() - kept < WORTH_BYTES) return;
    await collect({ type: 'major', execution: 'async' });
    kept = usedBytes();
    seen = performance.eventLoopUtilization();
  });
}

function usedBytes(): number {
  return getHeapStatistics().used_heap_size;
}
