import type { ChildProcess } from 'node:child_process';
import type { JailStatus } from './jail.js';
import { killMarked, signalGroup } from './process-tree.js';

/** How a run came to its end, or why there is none. */
export type End =
  { readonly exitCode: number | null; readonly signal: NodeJS.Signals | null } | { readonly reason: string };

/** Is given what a run prints. */
export type Listener = (chunk: Buffer, stream: 'stdout' | 'stderr') => void;

/** A run that was started, whatever started it. */
export interface Launched {
  /** Leads the process group of the run; undefined where it could not be started. */
  readonly leader: number | undefined;
  /** Whether the leader serves one run after the other: what it uses is then not the run's. */
  readonly isShared: boolean;
  /** What holds it, if anything does. */
  readonly jail: JailStatus | null;
  readonly end: Promise<End>;
  hasEnded(): boolean;
  /** Hands on what it prints. @returns resolves when nothing more can come */
  read(listener: Listener): Promise<unknown>;
  /** Kills whatever of it still runs, once it has ended. */
  clear(): Promise<void>;
  /** Lets go of its streams, even if somebody holds their other ends. */
  close(): void;
}

/** A run with a process of its own. */
export class OwnProcess implements Launched {
  readonly isShared = false;
  readonly end: Promise<End>;
  private readonly started = performance.now();

  /**
   * @param mark value of RUN_MARK in its environment
   * @param jail what holds it, if anything does
   */
  constructor(
    private readonly child: ChildProcess,
    private readonly mark: string,
    readonly jail: JailStatus | null,
  ) {
    this.end = new Promise((resolve) => {
      // 'exit' and not 'close': a child left in the background may hold the pipes open for ever.
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
      child.on('error', ({ message }) => {
        if (child.pid === undefined) resolve({ reason: message });
      });
    });
  }

  get leader(): number | undefined {
    return this.child.pid;
  }

  hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  read(listener: Listener): Promise<unknown> {
    return Promise.all(
      (['stdout', 'stderr'] as const).map((name) => {
        const stream = this.child[name];
        if (stream === null) return Promise.resolve();
        stream.on('data', (chunk: Buffer) => listener(chunk, name));
        return new Promise((resolve) => stream.once('close', resolve));
      }),
    );
  }

  async clear(): Promise<void> {
    const { leader } = this;
    if (leader === undefined) return;
    signalGroup(leader, 'SIGKILL');
    if (this.jail !== null) return this.jail.ended();
    const { mark, started } = this;
    await killMarked({ mark, above: leader, durationMs: performance.now() - started });
  }

  close(): void {
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }
}
