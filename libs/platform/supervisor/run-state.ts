import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueConfig } from '#queue/queue-backend.js';
import type { Home } from '../home/home.js';
import { isRunning, type ProcessIdentity } from '../home/process-identity.js';
import { readIfPresent, writePrivateFile } from '../home/private-files.js';
import type { Log } from '../log.js';

/** What a stack tells others about itself in `run/state.json`; it holds the servers' passwords (mode 0600). */
export interface RunState {
  readonly supervisor: ProcessIdentity;
  /** Where the API answers; absent until it does. */
  readonly url?: string;
  readonly databaseUrl?: string;
  readonly postgres?: { readonly pid: number };
  /** Where the queues are. */
  readonly queue?: QueueConfig;
  readonly redis?: { readonly pid: number };
  readonly services: readonly (ProcessIdentity & { readonly name: string })[];
}

/** The state as last written; its supervisor may be gone. Undefined when nothing (readable) is there. */
export async function readRunState(home: Home): Promise<RunState | undefined> {
  const text = await readIfPresent(home.run.stateFile);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as RunState;
  } catch {
    return undefined;
  }
}

export async function writeRunState(home: Home, state: RunState): Promise<void> {
  await writePrivateFile(home.run.stateFile, `${JSON.stringify(state, null, 2)}\n`);
}

export async function removeRunState(home: Home): Promise<void> {
  await rm(home.run.stateFile, { force: true });
}

/**
 * Waits for the services of a supervisor that was killed: they notice and stop by themselves. Those that do not
 * within the grace are ended with all that they started (each leads a process group).
 */
export async function endLeftOverServices(home: Home, log: Log, graceMs: number): Promise<void> {
  const state = await readRunState(home);
  const deadline = performance.now() + graceMs;
  let alive = state?.services.filter(isRunning) ?? [];
  if (alive.length > 0)
    log(`Waiting for ${alive.map(({ name }) => name).join(', ')} of an earlier run to stop`);
  while (alive.length > 0 && performance.now() < deadline) {
    await sleep(25);
    alive = alive.filter(isRunning);
  }
  for (const service of alive) killGroup(service.pid);
  while (alive.some(isRunning)) await sleep(10);
}

/** SIGKILLs a process and everything in the group that it leads. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
