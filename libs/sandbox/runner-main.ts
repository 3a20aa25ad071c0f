import { ForkShells } from './fork-shell.js';
import { runProcess } from './process-runner.js';
import { startRunsFor } from './process-tree.js';
import type { RunnerAnswer, RunnerOrder } from './runner-protocol.js';

/**
 * A process that does nothing but start untrusted processes for its parent, since the start costs a copy of the page
 * tables of whoever starts: little here, much in a worker. It ends with its parent, and what it started with it.
 */
const running = new Map<number, AbortController>();
const shells = new ForkShells();

async function carryOut({ run, request, watched }: Extract<RunnerOrder, { run: number }>): Promise<void> {
  const controller = new AbortController();
  running.set(run, controller);
  const told = watched ? { onOutput: (piece: string) => say({ run, piece }) } : {};
  const result = await runProcess({ ...request, signal: controller.signal, ...told }, shells);
  running.delete(run);
  say({ run, result });
  // Where this one is spent: the next is started while whoever waited goes on.
  if ('command' in request.run && request.jail === undefined) setImmediate(() => shells.prepare());
}

function say(answer: RunnerAnswer): void {
  if (process.connected) process.send?.(answer);
}

startRunsFor(process.ppid);
shells.prepare();
process.on('message', (order: RunnerOrder) => {
  if ('stop' in order) running.get(order.stop)?.abort();
  else void carryOut(order);
});
process.on('disconnect', () => {
  for (const controller of running.values()) controller.abort();
  shells.close();
});
// A terminal's Ctrl-C reaches the whole group: the parent decides what ends, and when.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
