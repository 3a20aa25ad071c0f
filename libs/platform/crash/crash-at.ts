import { closeSync, openSync } from 'node:fs';
import { CRASH_POINTS, type CrashPoint, type Reach } from '#engine/crash-points.js';

export interface CrashAt {
  readonly point: CrashPoint;
  /** Made by the process that dies: of all that reach the point, one does, and none after its restart. */
  readonly markerFile: string;
}

/** `branch.pushed@/tmp/marker`. @throws Error that lists the points */
export function parseCrashAt(text: string): CrashAt {
  const at = text.indexOf('@');
  const point = CRASH_POINTS.find((name) => name === text.slice(0, at));
  if (at < 0 || point === undefined || text.length === at + 1) {
    throw new Error(
      `PLANWRIGHT_CRASH_AT must be POINT@FILE, with one of the points ${CRASH_POINTS.join(', ')}`,
    );
  }
  return { point, markerFile: text.slice(at + 1) };
}

/** For tests of recovery: the first process that reaches the point is killed, as by the kernel. */
export function crashAt(wanted: CrashAt | null): Reach {
  if (wanted === null) return () => {};
  return (point) => {
    if (point === wanted.point && isFirst(wanted.markerFile)) process.kill(process.pid, 'SIGKILL');
  };
}

function isFirst(file: string): boolean {
  try {
    closeSync(openSync(file, 'wx'));
    return true;
  } catch {
    return false;
  }
}
