import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that can be told from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in the words of the operating system; undefined when that could not be read. */
  readonly started: string | undefined;
}

/** Identifies a process now; `started` is undefined when there is none or it is a zombie. */
export function identify(pid: number): ProcessIdentity {
  return { pid, started: startMark(pid) };
}

/** True while that very process runs: a zombie or a recycled number does not count. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  return started !== undefined && startMark(pid) === started;
}

/** The command line of a running process, its parts joined by spaces; empty when there is none. */
export function commandOf(pid: number): string {
  if (process.platform !== 'linux') return ps(pid, 'command');
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

function startMark(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return process.platform === 'linux' ? startMarkFromProc(pid) : startMarkFromPs(pid);
}

/** Ticks since boot alone would match after a restart of the machine, so the boot is part of the mark. */
function startMarkFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold blanks; the state follows it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

function startMarkFromPs(pid: number): string | undefined {
  if (ps(pid, 'stat').startsWith('Z')) return undefined;
  return ps(pid, 'lstart') || undefined;
}

function ps(pid: number, column: string): string {
  try {
    return execFileSync('/bin/ps', ['-o', `${column}=`, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { LC_ALL: 'C' },
    }).trim();
  } catch {
    return '';
  }
}
