import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** Linux only: what `/proc` tells of the processes of this machine. A process that has ended has no traces. */

/** Processes of a user. */
export function processesOfUser(uid: number): number[] {
  return allProcesses().filter((pid) => quietly(() => statSync(`/proc/${pid}`).uid) === uid);
}

/** A process and all that descend from it. */
export function processesBelow(root: number): number[] {
  const parents = new Map(allProcesses().map((pid) => [pid, parentOf(pid)]));
  const below = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true;
    return false;
  };
  return [...parents.keys()].filter(below);
}

/** Every path and text by which a process can be seen to touch something: open files, folders, maps, arguments, environment. */
export function tracesOf(pid: number): string[] {
  const at = `/proc/${pid}`;
  const open = quietly(() => readdirSync(`${at}/fd`)) ?? [];
  return [
    ...[...open.map((fd) => `fd/${fd}`), 'cwd', 'root', 'exe'].map((name) =>
      quietly(() => readlinkSync(`${at}/${name}`)),
    ),
    ...['maps', 'cmdline', 'environ'].map((name) => quietly(() => readFileSync(`${at}/${name}`, 'latin1'))),
  ].filter((trace) => trace !== undefined);
}

/** The arguments of a process, as one text. */
export function argumentsOf(pid: number): string {
  return quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1')) ?? '';
}

/** The environment of a process, one variable after the other. */
export function environmentOf(pid: number): string[] {
  return (quietly(() => readFileSync(`/proc/${pid}/environ`, 'latin1')) ?? '').split('\0');
}

function allProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parentOf(pid: number): number | undefined {
  const stat = quietly(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  return parent === undefined ? undefined : Number(parent);
}

function quietly<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
