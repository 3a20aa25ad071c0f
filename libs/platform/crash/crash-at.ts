import { readFileSync, renameSync } from 'node:fs';
import { z } from 'zod';
import { CRASH_POINTS, type Reach } from '#engine/crash-points.js';

/** What a test wants to happen, once, to the first process that reaches a point. */
const fault = z.strictObject({
  point: z.enum(CRASH_POINTS),
  /** Only in this service. */
  service: z.string().optional(),
  /** How long its event loop stands still; without it the process is killed, as by the kernel. */
  blockMs: z.number().int().positive().optional(),
});
export type Fault = z.output<typeof fault>;

/** Where the file of a fault is once the fault has happened: the time of its change is the time of the fault. */
export function takenFault(file: string): string {
  return `${file}.taken`;
}

/**
 * For tests of recovery: looks at every point into a file, which a test may write at any time while the stack runs. The
 * process that takes the file away suffers the fault, so that of all that reach the point one does, and none after its
 * restart.
 */
export function crashAt(file: string | null, service: string): Reach {
  if (file === null) return () => {};
  return (point) => {
    const wanted = readFault(file);
    if (wanted === null || wanted.point !== point || (wanted.service ?? service) !== service) return;
    if (!take(file)) return;
    if (wanted.blockMs === undefined) process.kill(process.pid, 'SIGKILL');
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, wanted.blockMs);
  };
}

function readFault(file: string): Fault | null {
  try {
    return fault.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function take(file: string): boolean {
  try {
    renameSync(file, takenFault(file));
    return true;
  } catch {
    return false;
  }
}
