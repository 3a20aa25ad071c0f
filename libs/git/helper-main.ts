import { runGit } from './git-process.js';
import type { HelperAnswer, HelperOrder } from './helper-protocol.js';

/**
 * A process that does nothing but start git for its parent, since the start costs a copy of the page tables of whoever
 * starts, during which it does nothing else: little here, much in a service. When its parent is gone it lets what runs
 * come to its end, as git's own commands would, and ends.
 */
function answer(message: HelperAnswer): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

async function carryOut({ run, request }: HelperOrder): Promise<void> {
  try {
    const end = await runGit(request, (piece) => answer({ run, piece }));
    answer({ run, end });
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    answer({ run, failure: { message, code } });
  }
}

process.on('message', (order: HelperOrder) => void carryOut(order));
// A terminal's Ctrl-C reaches the whole group: the parent decides what ends, and when.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
