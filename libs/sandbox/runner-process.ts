import { fork, type ChildProcess } from 'node:child_process';
import { endRunsOf } from './process-tree.js';
import type { ProcessRequest, ProcessResult } from './process-runner.js';
import type { RunnerAnswer, RunnerOrder } from './runner-protocol.js';

interface Waiting {
  readonly resolve: (result: ProcessResult) => void;
  readonly reject: (error: Error) => void;
  readonly onOutput: ProcessRequest['onOutput'];
}

/** Has processes started by a small process beside this one, which is started when it is needed first, or before. */
export class RunnerProcess {
  private child: ChildProcess | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private runs = 0;

  /** @param entry the compiled `runner-main` */
  constructor(private readonly entry: string) {}

  /** Starts the process beside, so that the first run does not wait for it. */
  prepare(): void {
    if (this.child !== null) return;
    this.child = this.start();
    letGo(this.child);
  }

  /**
   * Runs a process to its end, as `runProcess` does.
   *
   * @throws Error when the runner process ended meanwhile; what it had started ends too
   */
  async run({ signal, onOutput, ...request }: ProcessRequest): Promise<ProcessResult> {
    if (signal?.aborted === true) return { kind: 'aborted', output: '', durationMs: 0 };
    const child = (this.child ??= this.start());
    this.runs += 1;
    const run = this.runs;
    const stop = () => this.send(child, { stop: run });
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return await new Promise<ProcessResult>((resolve, reject) => {
        this.waiting.set(run, { resolve, reject, onOutput });
        hold(child);
        this.send(child, { run, request, watched: onOutput !== undefined });
      });
    } finally {
      signal?.removeEventListener('abort', stop);
      this.waiting.delete(run);
      if (this.waiting.size === 0) letGo(child);
    }
  }

  private send(child: ChildProcess, order: RunnerOrder): void {
    // That it is gone is said by its end.
    if (child.connected) child.send(order, () => undefined);
  }

  private start(): ChildProcess {
    // It needs nothing of our environment, and what it starts cannot read it there.
    const child = fork(this.entry, { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const gone = (why: string) => {
      if (this.child !== child) return;
      this.child = null;
      const error = new Error(`The process that runs commands ended (${why}).`);
      const lost = [...this.waiting.values()];
      // Whoever hears of the end may give the workspace to somebody else.
      void endRunsOf(child.pid ?? 0).finally(() => lost.forEach(({ reject }) => reject(error)));
    };
    child.on('message', (answer: RunnerAnswer) => {
      const waiting = this.waiting.get(answer.run);
      if ('piece' in answer) waiting?.onOutput?.(answer.piece);
      else waiting?.resolve(answer.result);
    });
    child.once('error', (error) => gone(error.message));
    child.once('exit', (code, signal) => gone(signal ?? `exit code ${code}`));
    return child;
  }
}

/** While something runs, this process waits for it; else it may end. */
function hold(child: ChildProcess): void {
  child.ref();
  child.channel?.ref();
}

function letGo(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}
