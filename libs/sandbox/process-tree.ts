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
  await killUntilGone((value) => value === mark);
}

/**
 * Kills what runs of dead workers left behind on this machine: such a process would go on writing into a workspace
 * that is about to be given to somebody else. Runs of workers that live are let alone. Linux only.
 */
export async function endOrphans(): Promise<void> {
  const living = await livingProcesses();
  await killUntilGone((mark) => !living.has(Number(mark.split('-', 1)[0])));
}

async function killUntilGone(chosen: (mark: string) => boolean): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    const escaped = await findMarked(chosen);
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

async function findMarked(chosen: (mark: string) => boolean): Promise<number[]> {
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.filter((name) => /^\d+$/.test(name)).map(Number);
  const marked = await Promise.all(
    pids.map(async (pid) => {
      // Unreadable: another user's process, or one that has just ended.
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      const entry = environment.split('\0').find((line) => line.startsWith(`${RUN_MARK}=`));
      return entry !== undefined && chosen(entry.slice(RUN_MARK.length + 1));
    }),
  );
  return pids.filter((pid, index) => marked[index] === true && pid !== process.pid);
}

/** A zombie (its parent was killed too, and nobody reaps here) does nothing any more. */
async function livingProcesses(): Promise<Set<number>> {
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.filter((name) => /^\d+$/.test(name)).map(Number);
  const states = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
      return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    }),
  );
  return new Set(pids.filter((_, index) => !['', 'Z', 'X'].includes(states[index] ?? '')));
}
