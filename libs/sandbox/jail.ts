import type { Readable, Writable } from 'node:stream';
import type { ChildProcess } from 'node:child_process';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './process-table.js';

/** How a process is started inside of bubblewrap. */
export interface Jail {
  /** Absolute path of `bwrap`. */
  readonly program: string;
  /** All that comes before the program to run. */
  readonly args: readonly string[];
  /** Content of INPUT_DESCRIPTOR; null where bubblewrap is not told to read it. */
  readonly input: string | null;
}

/** Where bubblewrap says what became of it; the process inside does not have it. */
export const STATUS_DESCRIPTOR = 3;
/** Where bubblewrap reads a file that it shows to the process. */
export const INPUT_DESCRIPTOR = 4;

const LONGEST_END_MS = 10_000;
const TURNS = 5;

/** What bubblewrap says of a process that it was asked to start. */
export class JailStatus {
  private text = '';
  private readonly closed: Promise<unknown>;

  constructor(child: ChildProcess, jail: Jail) {
    const status = child.stdio[STATUS_DESCRIPTOR] as Readable | null | undefined;
    const input = child.stdio[INPUT_DESCRIPTOR] as Writable | null | undefined;
    status?.on('data', (chunk: Buffer) => (this.text += chunk.toString('latin1')));
    this.closed = new Promise((resolve) => status?.once('close', resolve).once('error', resolve));
    // bubblewrap that fails before it reads closes the pipe.
    input?.on('error', () => undefined);
    input?.end(jail.input ?? '');
  }

  /** First process of the sandbox, by the machine's numbers: leader of the session inside; null until it is known. */
  get init(): number | null {
    const found = /"child-pid": (\d+)/.exec(this.text)?.[1];
    return found === undefined ? null : Number(found);
  }

  /** True if the program inside was started and ended. Only after `ended`. */
  get ran(): boolean {
    return /"exit-code"/.test(this.text);
  }

  /**
   * Waits until nothing inside runs any more, once bubblewrap has ended: the kernel then kills the first process, and
   * that one ends after all others.
   */
  async ended(): Promise<void> {
    await Promise.race([this.closed, sleep(LONGEST_END_MS, undefined, { ref: false })]);
    const { init } = this;
    if (init === null) return;
    // As a rule it is gone within the turn.
    for (let turns = 0; turns < TURNS && isAlive(init); turns += 1) await nextTurn();
    for (let waited = 0; waited < LONGEST_END_MS && isAlive(init); waited += 1) await sleep(1);
  }
}
