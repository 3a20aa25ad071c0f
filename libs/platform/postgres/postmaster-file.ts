import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandOf, identify, isRunning, type ProcessIdentity } from '../home/process-identity.js';
import type { Log } from '../log.js';

/** What a running server writes into its data folder. */
export interface Postmaster {
  readonly pid: number;
  readonly ready: boolean;
}

/** Above every pid that a kernel hands out, so that no process ever has it. */
const PID_OF_NOBODY = 2_147_483_646;

/** Each signal is stronger than the one before: fast, immediate (as after a power cut), at once. */
const STOP_SIGNALS: { signal: NodeJS.Signals; patienceMs: number }[] = [
  { signal: 'SIGINT', patienceMs: 20_000 },
  { signal: 'SIGQUIT', patienceMs: 5_000 },
  { signal: 'SIGKILL', patienceMs: 5_000 },
];

/** Reads postmaster.pid; undefined when there is none or it is still being written. */
export async function readPostmaster(dataDir: string): Promise<Postmaster | undefined> {
  const text = await readFile(pidFile(dataDir), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, ready: lines[7]?.trim() === 'ready' };
}

/**
 * Stops the server that a killed supervisor left behind, so that there is one way to run: as our own child.
 *
 * Only a process whose command names this very data folder is signalled. A number that belongs to something else
 * now is replaced by nobody's rather than the file removed: the file also names the shared memory by which
 * Postgres itself refuses to start beside left-over backends.
 */
export async function stopLeftOver(dataDir: string, log: Log): Promise<void> {
  const found = await readPostmaster(dataDir);
  if (found === undefined) return;
  const server = identify(found.pid);
  // A zombie (its parent was killed, and nobody reaps here) would keep Postgres from starting for ever.
  if (!isRunning(server) || !isServerOf(found.pid, dataDir)) return disown(dataDir);
  log(`Stopping the Postgres (pid ${found.pid}) that an earlier run left behind`);
  await endServer(server);
}

/** Shuts a server down, ever less politely; resolves when the process is gone. */
export async function endServer(server: ProcessIdentity): Promise<void> {
  for (const { signal, patienceMs } of STOP_SIGNALS) {
    if (!isRunning(server)) return;
    signalIfThere(server.pid, signal);
    const deadline = performance.now() + patienceMs;
    while (performance.now() < deadline) {
      if (!isRunning(server)) return;
      await sleep(10);
    }
  }
  throw new Error(`The Postgres with pid ${server.pid} cannot be stopped`);
}

function isServerOf(pid: number, dataDir: string): boolean {
  return commandOf(pid).includes(` -D ${dataDir} `);
}

async function disown(dataDir: string): Promise<void> {
  const [, ...rest] = (await readFile(pidFile(dataDir), 'utf8')).split('\n');
  await writeFile(pidFile(dataDir), [PID_OF_NOBODY, ...rest].join('\n'));
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function pidFile(dataDir: string): string {
  return path.join(dataDir, 'postmaster.pid');
}
