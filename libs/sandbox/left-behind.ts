import { readlinkSync } from 'node:fs';
import { groupOf } from './process-table.js';
import { carries, startedIn, type MarkedRun } from './process-tree.js';

/** What a process prints to, by a name that two processes share who print to the same; null where nobody can tell. */
export function outputOf(pid: number): string | null {
  return target(`/proc/${pid}/fd/1`);
}

/**
 * Whether a run that has just ended left a process that is in its group, carries its mark, or holds the pipe that it
 * printed to.
 *
 * @param group its leader is none of the run's processes
 */
export function isAnythingLeft(
  run: MarkedRun,
  { group, pipe }: { readonly group: number; readonly pipe: string },
): boolean {
  return startedIn(run).some((pid) => {
    if (pid === group) return false;
    const its = groupOf(pid);
    if (its === null) return false;
    return (
      its === group ||
      carries(pid, (mark) => mark === run.mark) ||
      [1, 2].some((descriptor) => target(`/proc/${pid}/fd/${descriptor}`) === pipe)
    );
  });
}

function target(link: string): string | null {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}
