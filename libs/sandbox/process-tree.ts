import { openSync, readFileSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, processIds } from './process-table.js';

/** Marks every process of a run through the environment it inherits. */
export const RUN_MARK = 'PLANWRIGHT_RUN';

let runs = 0;
let owner = process.pid;

/** Says whose runs are started here, where it is not this process: `endOrphans` asks whether the owner lives. */
export function startRunsFor(pid: number): void {
  owner = pid;
}

/** A value of RUN_MARK that no other live run of this machine has. */
export function nextRunMark(): string {
  runs += 1;
  return `${owner}-${process.pid}-${performance.timeOrigin}-${runs}`;
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

/** A run whose processes carry a mark, if they keep their environment. */
export interface MarkedRun {
  readonly mark: string;
  /** The youngest process that the run had not started. */
  readonly above: number;
  readonly durationMs: number;
}

/** A run above this may have seen all process ids once, so that an id says nothing about age. */
const SHORT_RUN_MS = 5_000;

/**
 * Kills what left the process group (setsid, daemons) but still carries the run's mark. Linux only: elsewhere the
 * group is all that is known. A process that also wipes its environment is the business of a real sandbox.
 */
export async function killMarked(run: MarkedRun): Promise<void> {
  await killUntilGone(
    (value) => value === run.mark,
    () => startedIn(run),
  );
}

/**
 * Processes that a run may have started, which has just ended. Ids are given out in order: after a short run only what is
 * younger than what was there at its beginning.
 */
export function startedIn({ above, durationMs }: MarkedRun): number[] {
  const last = lastProcessId();
  if (durationMs >= SHORT_RUN_MS || last === null || last < above) return processIds();
  if (last - above > FEW_IDS) return processIds().filter((pid) => pid > above);
  return Array.from({ length: last - above }, (_, index) => above + 1 + index);
}

/** As many ids as asking for each is cheaper than reading the list of all processes. */
const FEW_IDS = 64;

/**
 * Kills what runs of dead workers left behind on this machine: such a process would go on writing into a workspace
 * that is about to be given to somebody else. Runs of workers that live are let alone. Linux only.
 */
export async function endOrphans(): Promise<void> {
  await killUntilGone((mark) => !isAlive(Number(mark.split('-', 1)[0])), processIds);
}

/** Kills what another process started for this one, once it has ended itself. */
export async function endRunsOf(starter: number): Promise<void> {
  await killUntilGone((mark) => mark.startsWith(`${process.pid}-${starter}-`), processIds);
}

async function killUntilGone(
  chosen: (mark: string) => boolean,
  candidates: () => readonly number[],
): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    const escaped = candidates().filter((pid) => pid !== process.pid && carries(pid, chosen));
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

/** Whether a process has a mark in its environment that is meant. */
export function carries(pid: number, chosen: (mark: string) => boolean): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    const entry = environment.split('\0').find((line) => line.startsWith(`${RUN_MARK}=`));
    return entry !== undefined && chosen(entry.slice(RUN_MARK.length + 1));
  } catch {
    // Another user's process, or one that has just ended.
    return false;
  }
}

/** The id that the kernel gave out last; null where it does not say so. */
export function lastProcessId(): number | null {
  try {
    loads ??= openSync('/proc/loadavg', 'r');
    const length = readSync(loads, line, 0, line.length, 0);
    return Number(line.toString('latin1', line.lastIndexOf(' ', length - 1) + 1, length).trim());
  } catch {
    return null;
  }
}

/** Stays open: opening it costs several times as much as reading it. */
let loads: number | undefined;
const line = Buffer.alloc(128);
