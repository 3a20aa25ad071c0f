import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** One row of the machine's process table. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Its own processor time and that of the children it has waited for. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** Linux counts in hundredths of a second towards user space, whatever the kernel does inside. */
const TICKS_PER_SECOND = 100;

let pageBytes: number | undefined;

/** All processes that can be seen; empty where there is no `/proc`. */
export function readProcessTable(): ProcessRow[] {
  return processIds().flatMap((pid) => {
    const fields = statFields(pid);
    if (fields === null) return [];
    const at = (index: number) => Number(fields[index]);
    return [
      {
        pid,
        parent: at(1),
        group: at(2),
        cpuSeconds: (at(11) + at(12) + at(13) + at(14)) / TICKS_PER_SECOND,
        residentBytes: at(21) * pageSize(),
      },
    ];
  });
}

/** Ids of all processes; empty where there is no `/proc`. */
export function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** True while the process can still act: a zombie cannot. */
export function isAlive(pid: number): boolean {
  const state = statFields(pid)?.[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** The process group of a process that can still act; null where there is none. */
export function groupOf(pid: number): number | null {
  const fields = statFields(pid);
  return fields === null || fields[0] === 'Z' || fields[0] === 'X' ? null : Number(fields[2]);
}

/** A process with everything below it, and whoever else is in its group. */
export function familyOf(leader: number, table: readonly ProcessRow[]): ProcessRow[] {
  const children = new Map<number, ProcessRow[]>();
  for (const row of table) {
    const siblings = children.get(row.parent);
    if (siblings === undefined) children.set(row.parent, [row]);
    else siblings.push(row);
  }
  const family = new Map<number, ProcessRow>();
  const waiting = table.filter((row) => row.pid === leader || row.group === leader);
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    if (family.has(row.pid)) continue;
    family.set(row.pid, row);
    waiting.push(...(children.get(row.pid) ?? []));
  }
  return [...family.values()];
}

/** The fields behind the name, which may itself hold blanks and brackets; null when the process has ended. */
function statFields(pid: number): string[] | null {
  // An error costs several times as much as this.
  if (!existsSync(`/proc/${pid}`)) return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** Node does not tell the page size; what it says of itself in bytes and the kernel in pages does. */
function pageSize(): number {
  if (pageBytes === undefined) {
    const pages = Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[1]);
    pageBytes = 2 ** Math.round(Math.log2(process.memoryUsage.rss() / pages));
  }
  return pageBytes;
}
