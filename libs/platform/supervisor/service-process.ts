import { fork, type ChildProcess } from 'node:child_process';
import { identify, type ProcessIdentity } from '../home/process-identity.js';
import { logTail, openLog } from '../home/private-files.js';
import { SUPERVISED, type ReadyMessage } from './child.js';
import { killGroup } from './run-state.js';
import type { StackEvent } from './stack-event.js';

/** Waits before a restart; the first is immediate. One that worked for a while begins again at the first. */
const BACKOFF_MS = [0, 200, 500, 1000, 2000, 5000];
const WORKED_FOR_MS = 30_000;
/** A service that ends this often without once being ready will not become so. */
const HOPELESS_AFTER = 4;

export interface ServiceProcessOptions {
  readonly name: string;
  /** Absolute path of the compiled main file. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** Asked before every start: what differs from the environment of this process; undefined takes a variable out. */
  readonly env: (everReady: boolean) => Promise<Record<string, string | undefined>>;
  /** Called whenever a process appeared or went. */
  readonly onChange: () => void;
  readonly onEvent: (event: StackEvent) => void;
}

/** Keeps one service process running until it is stopped. */
export class ServiceProcess {
  /** The process of now; undefined between two. */
  current: ProcessIdentity | undefined;
  /** What it said about itself when it was last ready. */
  url: string | undefined;
  readonly ready: Promise<void>;
  private resolveReady!: () => void;
  private rejectReady!: (error: Error) => void;
  private child: ChildProcess | undefined;
  private stopping = false;
  private everReady = false;
  private failures = 0;
  private timer: NodeJS.Timeout | undefined;
  private gone: Promise<void> = Promise.resolve();

  constructor(private readonly options: ServiceProcessOptions) {
    this.ready = new Promise<void>((resolve, reject) => {
      this.resolveReady = resolve;
      this.rejectReady = reject;
    });
    // Nobody waits any more once the stack is up or has given up.
    this.ready.catch(() => undefined);
  }

  /** Starts the process; from then on it is restarted whenever it ends. */
  async start(): Promise<void> {
    const { name, entry, args, logFile } = this.options;
    const env = await this.options.env(this.everReady);
    const output = await openLog(logFile);
    const { size } = await output.stat();
    if (this.stopping) return output.close();
    // A group of its own: the terminal's Ctrl-C is ours to pass on, and the whole group can be ended.
    const child = fork(entry, [...args], {
      detached: true,
      execArgv: ['--enable-source-maps'],
      env: { ...process.env, ...env, [SUPERVISED]: '1' },
      stdio: ['ignore', output.fd, output.fd, 'ipc'],
    });
    await output.close();
    this.watch(child, size);
    this.options.onEvent({ type: 'service-started', name, pid: child.pid ?? 0 });
    this.options.onChange();
  }

  /** Ends the process for good: in order first, by SIGKILL (with its group) after the grace. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    this.child?.kill('SIGTERM');
    const impatience = setTimeout(() => this.kill(), graceMs);
    await this.gone;
    clearTimeout(impatience);
  }

  /** SIGKILLs the process and its group. */
  kill(): void {
    if (this.child?.pid !== undefined) killGroup(this.child.pid);
  }

  /** Ends the process in order so that it starts again with a new environment. */
  restart(): void {
    this.child?.kill('SIGTERM');
  }

  private watch(child: ChildProcess, logged: number): void {
    const started = performance.now();
    this.child = child;
    this.current = child.pid === undefined ? undefined : identify(child.pid);
    child.on('message', (message) => this.onMessage(message as Partial<ReadyMessage>));
    this.gone = new Promise((resolve) => {
      const ended = (code: number | null, signal: NodeJS.Signals | null) => {
        this.child = undefined;
        this.current = undefined;
        resolve();
        const { name, onEvent, onChange } = this.options;
        onEvent({ type: 'service-exited', name, code, signal, expected: this.stopping });
        onChange();
        if (!this.stopping) void this.again(performance.now() - started, logged);
      };
      child.once('exit', ended);
      child.once('error', () => child.pid === undefined && ended(null, null));
    });
  }

  private onMessage(message: Partial<ReadyMessage>): void {
    if (message.type !== 'ready') return;
    this.everReady = true;
    this.url = message.url;
    this.resolveReady();
    this.options.onEvent({ type: 'service-ready', name: this.options.name });
    this.options.onChange();
  }

  private async again(livedMs: number, logged: number): Promise<void> {
    const { name, logFile } = this.options;
    this.failures = livedMs > WORKED_FOR_MS ? 1 : this.failures + 1;
    if (!this.everReady && this.failures >= HOPELESS_AFTER) {
      this.stopping = true;
      const tail = await logTail(logFile, logged);
      return this.rejectReady(new Error(`${name} does not start (all of it in ${logFile}):\n${tail}`));
    }
    const delay = BACKOFF_MS[Math.min(this.failures, BACKOFF_MS.length) - 1];
    this.timer = setTimeout(() => {
      this.start().catch((error: Error) => {
        this.options.onEvent({ type: 'failure', what: name, error });
        void this.again(0, logged);
      });
    }, delay);
  }
}
