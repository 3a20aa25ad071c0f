import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isRunning, identify } from '#platform/home/process-identity.js';

/** The compiled file of a module, as an address that a script can import. */
export function compiled(file: string): string {
  return pathToFileURL(path.resolve('dist', file)).href;
}

export interface ScriptProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What the script sent with `process.send`; rejects when it ends before. */
  readonly message: Promise<Record<string, unknown>>;
  /** SIGKILLs it and waits until it is gone. */
  kill(): Promise<void>;
}

/** Runs an ES module given as text in a process of its own that leads a process group, as a terminal's job does. */
export function runScript(source: string): ScriptProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const message = new Promise<Record<string, unknown>>((resolve, reject) => {
    child.once('message', (value) => resolve(value as Record<string, unknown>));
    void ended.then(() => reject(new Error(`The script ended without a message: ${errors}`)));
  });
  message.catch(() => undefined);
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { child, pid: child.pid ?? 0, message, kill };
}

/** Waits until a condition holds; fails after the time with what was waited for. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** True when the number belongs to a process that is not a zombie. */
export function isAlive(pid: number): boolean {
  return isRunning(identify(pid));
}
