import { fork, type ChildProcess } from 'node:child_process';
import { SUPERVISED } from '#platform/supervisor/child.js';
import { openLog } from '#platform/home/private-files.js';

/** A service that somebody else starts again at once, however it ended. */
export class ChaosService {
  /** Where it answers, when it says so. */
  url: string | undefined;
  private child: ChildProcess | undefined;
  private stopping = false;
  private gone: Promise<void> = Promise.resolve();
  private markReady: () => void = () => {};
  /** The process of now can do its work. */
  private ready: Promise<void> = Promise.resolve();

  constructor(
    private readonly entry: string,
    private readonly logFile: string,
    private readonly env: () => Readonly<Record<string, string>>,
  ) {}

  async start(): Promise<void> {
    const output = await openLog(this.logFile);
    if (this.stopping) return output.close();
    const child = fork(this.entry, [], {
      detached: true,
      execArgv: ['--enable-source-maps'],
      env: { ...process.env, ...this.env(), [SUPERVISED]: '1' },
      stdio: ['ignore', output.fd, output.fd, 'ipc'],
    });
    await output.close();
    this.child = child;
    this.ready = new Promise((resolve) => (this.markReady = resolve));
    child.on('message', (message: { type?: string; url?: string }) => {
      if (message.type !== 'ready') return;
      this.url = message.url ?? this.url;
      this.markReady();
    });
    this.gone = new Promise((resolve) => {
      child.once('exit', () => {
        resolve();
        if (!this.stopping) setTimeout(() => void this.start(), RESTART_MS);
      });
    });
  }

  /** Sends a signal to the process of now. @returns its pid; undefined between two processes */
  signal(name: NodeJS.Signals): number | undefined {
    const { child } = this;
    return child?.kill(name) === true ? child.pid : undefined;
  }

  /** Waits until a process says that it is ready, whichever of them. */
  async untilReady(): Promise<void> {
    for (let awaited = null; awaited !== this.ready;) {
      awaited = this.ready;
      await Promise.race([awaited, this.gone.then(() => pause(RESTART_MS * 2))]);
    }
  }

  /** Ends it in order and for good. @returns false when it had to be killed */
  async stop(): Promise<boolean> {
    this.stopping = true;
    this.child?.kill('SIGTERM');
    let inOrder = true;
    const impatience = setTimeout(() => {
      inOrder = false;
      this.child?.kill('SIGKILL');
    }, STOP_PATIENCE_MS);
    await this.gone;
    clearTimeout(impatience);
    return inOrder;
  }
}

const RESTART_MS = 50;
const STOP_PATIENCE_MS = 15_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
