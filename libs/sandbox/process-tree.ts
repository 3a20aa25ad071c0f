import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Marks every process of a run through the environment it inherits. */
export const RUN_MARK = 'PLANWRIGHT_RUN';

let runs = 0;

/** A value of RUN_MARK that no other live run of this machine has. */
export function nextRunMark(): string {
  runs += 1;
  return `${process.pid}-${performance.timeOrigin}-${runs}`;
}

/** Signals a whole process group; false when nothing is left of it. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    // EPERM: something is left that we may not signal, e.g. a setuid program.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Kills what left the process group (setsid, daemons) but still carries the run's mark. Linux only: elsewhere the
 * group is all that is known. A process that also wipes its environment is the business of a real sandbox.
 */
export async function killMarked(mark: string): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    const escaped = await findMarked(mark);
    if (escaped.length === 0) return;
    for (const pid of escaped) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself between the two looks.
      }
    }
    await sleep(10);
  }
}

async function findMarked(mark: string): Promise<number[]> {
  const needle = `${RUN_MARK}=${mark}`;
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.filter((name) => /^\d+$/.test(name)).map(Number);
  const marked = await Promise.all(
    pids.map(async (pid) => {
      // Unreadable: another user's process, or one that has just ended.
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return environment.split('\0').includes(needle);
    }),
  );
  return pids.filter((pid, index) => marked[index] === true && pid !== process.pid);
}
