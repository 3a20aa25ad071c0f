import { fork, type ChildProcess } from 'node:child_process';
import type { CarryOutGit, GitEnd } from './git-process.js';
import type { HelperAnswer, HelperOrder } from './helper-protocol.js';

interface Waiting {
  readonly child: ChildProcess;
  readonly onOutput: (piece: Buffer) => void;
  readonly resolve: (end: GitEnd) => void;
  readonly reject: (error: Error) => void;
}

/** Has git started by a small process beside this one, which is started when it is needed first. */
export class GitHelper {
  private child: ChildProcess | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private runs = 0;

  /** @param entry the compiled `helper-main` */
  constructor(private readonly entry: string) {}

  /** As `runGit`; also rejects when the helper ended meanwhile. */
  readonly run: CarryOutGit = async (request, onOutput) => {
    const child = (this.child ??= this.start());
    this.runs += 1;
    const run = this.runs;
    try {
      return await new Promise<GitEnd>((resolve, reject) => {
        this.waiting.set(run, { child, onOutput, resolve, reject });
        child.ref();
        child.channel?.ref();
        // That it is gone is said by its end.
        child.send({ run, request } satisfies HelperOrder, () => undefined);
      });
    } finally {
      this.waiting.delete(run);
      if (this.waiting.size === 0) letGo(child);
    }
  };

  /** Lets the helper end when nothing runs any more. */
  close(): void {
    const { child } = this;
    this.child = null;
    if (child?.connected === true) child.disconnect();
  }

  private start(): ChildProcess {
    // It needs nothing of our environment: each run brings its own.
    const child = fork(this.entry, {
      env: {},
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    const gone = (why: string) => {
      if (this.child === child) this.child = null;
      const error = new Error(`The process that starts git ended (${why}).`);
      for (const waiting of this.waiting.values()) if (waiting.child === child) waiting.reject(error);
    };
    child.on('message', (answer: HelperAnswer) => this.take(answer));
    child.once('error', (error) => gone(error.message));
    child.once('exit', (code, signal) => gone(signal ?? `exit code ${code}`));
    return child;
  }

  private take(answer: HelperAnswer): void {
    const waiting = this.waiting.get(answer.run);
    if ('piece' in answer) waiting?.onOutput(answer.piece);
    else if ('end' in answer) waiting?.resolve(answer.end);
    else waiting?.reject(Object.assign(new Error(answer.failure.message), { code: answer.failure.code }));
  }
}

/** An idle helper keeps nobody from ending. */
function letGo(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}
