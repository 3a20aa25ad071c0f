import { spawn, type ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import type { End, Launched, Listener } from './launched.js';
import { shellLimits, type ResourceLimits } from './limits.js';
import { isAnythingLeft, outputOf } from './left-behind.js';
import {
  killMarked,
  lastProcessId,
  nextRunMark,
  RUN_MARK,
  signalGroup,
  type MarkedRun,
} from './process-tree.js';

/** What a shell is told to carry out. */
export interface ShellOrder {
  /** A line for the shell. */
  readonly command: string;
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: ResourceLimits;
}

/** As many shells as wait for orders at most. */
const KEPT_IDLE = 16;

/**
 * Shells that fork for each command instead of being started for it: of a short command the start of a program takes most
 * of the time. Each carries out one order at a time, in a subshell that has its own folder, variables and limits, and is
 * used again only when nothing of that order is left: neither in its process group, nor with the mark of the order, nor
 * holding its output.
 */
export class ForkShells {
  private readonly idle: ForkShell[] = [];
  private closed = false;

  /** Starts a shell, unless one waits already. */
  prepare(): void {
    if (this.closed || this.idle.length > 0) return;
    try {
      this.idle.push(new ForkShell());
    } catch {
      // The run that wants one says why there is none.
    }
  }

  /**
   * Has an order carried out.
   *
   * @throws Error when no shell can be started, or the folder is not there
   */
  begin(order: ShellOrder): Launched {
    if (statSync(order.cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new Error(`there is no folder ${order.cwd}`);
    let shell = this.idle.pop();
    while (shell !== undefined && !shell.isAlive()) shell = this.idle.pop();
    return new ForkedRun(shell ?? new ForkShell(), order, (used) => this.takeBack(used));
  }

  /** Ends those that wait; none is kept afterwards. */
  close(): void {
    this.closed = true;
    for (const shell of this.idle.splice(0)) shell.retire();
  }

  private takeBack(shell: ForkShell): void {
    if (this.closed || this.idle.length >= KEPT_IDLE) shell.retire();
    else this.idle.push(shell);
  }
}

/** Whether a shell can be told this line by line: else a process is started with it. */
export function canBeOrdered({ command, env }: Pick<ShellOrder, 'command' | 'env'>): boolean {
  return !command.includes('\0') && Object.keys(env).every((name) => ASSIGNABLE.test(name));
}

/** Variables that are data to every shell. */
const ASSIGNABLE =
  /^(?!(?:IFS|ENV|PS\d|PPID|LINENO|OPTIND|OPTARG|OPTERR|E?UID|GROUPS|FUNCNAME|RANDOM|SECONDS|DIRSTACK|SHELLOPTS|(?:BASH|POSIXLY).*)$)[A-Za-z_]\w*$/;

/** What is told of an order. */
interface Ear {
  printed(chunk: Buffer): void;
  ended(end: End): void;
}

/** One process that reads orders as its script. It leads a process group, and ends when nobody can order any more. */
class ForkShell {
  /** Resolves when nobody holds the other end of its output any more. */
  readonly closed: Promise<unknown>;
  readonly exited: Promise<unknown>;
  private readonly child: ChildProcess;
  private readonly mark = nextRunMark();
  /** Ends what an order prints. No order is told it. */
  private readonly seal = Buffer.from(`\0${this.mark} `);
  /** What may be the beginning of a seal. */
  private held: Buffer = Buffer.alloc(0);
  private ear: Ear | null = null;
  private pipe: string | null | undefined;

  constructor() {
    const child = spawn('/bin/sh', [], {
      cwd: '/',
      env: { [RUN_MARK]: this.mark },
      detached: true,
      // What it prints comes in one stream.
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.child = child;
    child.on('error', ({ message }) => child.pid ?? this.ear?.ended({ reason: message }));
    this.exited = new Promise<void>((resolve) => {
      child.once('exit', (exitCode, signal) => {
        this.ear?.ended({ exitCode, signal });
        resolve();
      });
    });
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => this.take(chunk));
    this.closed = new Promise<void>((resolve) => {
      child.stdout.once('close', () => {
        this.ear?.printed(this.held);
        resolve();
      });
    });
    // A stop signals the whole group: this one waits for what the command makes of it.
    child.stdin.write('trap : TERM\n');
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  isAlive(): boolean {
    return this.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Whether anything of a run is left that is in its group, carries the run's mark, or can still print. */
  isUsed(run: MarkedRun): boolean {
    if (this.pid === undefined) return true;
    this.pipe ??= outputOf(this.pid);
    return this.pipe === null || isAnythingLeft(run, { group: this.pid, pipe: this.pipe });
  }

  order(text: string, ear: Ear): void {
    this.ear = ear;
    this.child.stdin?.write(`(${text})\nprintf '\\0%s %d\\n' ${this.mark} $?\n`);
  }

  /** Ends it, and whatever is in its group. */
  kill(): void {
    if (this.pid !== undefined) signalGroup(this.pid, 'SIGKILL');
    this.child.stdin?.destroy();
  }

  /** Lets go of what it prints. */
  close(): void {
    this.child.stdout?.destroy();
  }

  /** Ends one that waits. */
  retire(): void {
    if (this.isAlive()) this.kill();
    this.close();
  }

  private take(chunk: Buffer): void {
    const text = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const sealed = text.indexOf(this.seal);
    const end = sealed < 0 ? beginOfSeal(text, this.seal) : sealed;
    this.held = text.subarray(end);
    if (end > 0) this.ear?.printed(text.subarray(0, end));
    const exit = sealed < 0 ? null : /^(\d+)\n/.exec(text.toString('latin1', sealed + this.seal.length));
    if (exit === null) return;
    this.held = Buffer.alloc(0);
    const { ear } = this;
    this.ear = null;
    ear?.ended({ exitCode: Number(exit[1]), signal: null });
  }
}

/** Where that begins which may be the beginning of a seal; the length of the text where nothing may. */
function beginOfSeal(text: Buffer, seal: Buffer): number {
  for (
    let at = text.indexOf(0, Math.max(0, text.length - seal.length));
    at >= 0;
    at = text.indexOf(0, at + 1)
  )
    if (seal.subarray(0, text.length - at).equals(text.subarray(at))) return at;
  return text.length;
}

/** One order that a shell carries out. */
class ForkedRun implements Launched {
  readonly isShared = true;
  readonly jail = null;
  readonly end: Promise<End>;
  private readonly mark = nextRunMark();
  private readonly started = performance.now();
  /** Whatever it starts has an id above this one, until they begin again. */
  private readonly above: number;
  private listener: Listener | null = null;
  private ended = false;
  private isSpent = false;

  constructor(
    private readonly shell: ForkShell,
    order: ShellOrder,
    private readonly giveBack: (shell: ForkShell) => void,
  ) {
    this.above = lastProcessId() ?? shell.pid ?? 0;
    this.end = new Promise((resolve) => {
      shell.order(script(this.mark, order), {
        printed: (chunk) => this.listener?.(chunk, 'stdout'),
        ended: (end) => {
          this.ended = true;
          resolve(end);
        },
      });
    });
  }

  get leader(): number | undefined {
    return this.shell.pid;
  }

  hasEnded(): boolean {
    return this.ended;
  }

  async read(listener: Listener): Promise<unknown> {
    this.listener = listener;
    await this.end;
    // What a shell that lives has sealed is complete.
    return this.shell.isAlive() ? undefined : this.shell.closed;
  }

  async clear(): Promise<void> {
    const { shell, mark, above } = this;
    const run = { mark, above, durationMs: performance.now() - this.started };
    if (shell.isAlive() && !shell.isUsed(run)) return this.giveBack(shell);
    this.isSpent = true;
    shell.kill();
    if (shell.pid !== undefined) await shell.exited;
    await killMarked(run);
  }

  close(): void {
    if (this.isSpent) this.shell.close();
  }
}

/**
 * One line, which a shell reads whole before it begins: its own input is nothing from there on. The command sees the
 * variables that it would if it had been started with them.
 */
function script(mark: string, { command, cwd, env, limits }: ShellOrder): string {
  const variables = Object.entries({ ...env, [RUN_MARK]: mark }).map(
    ([name, value]) => `${name}=${quoted(value)}`,
  );
  return [
    'exec 2>&1',
    `cd ${quoted(cwd)} || exit 126`,
    'unset OLDPWD',
    `export ${variables.join(' ')}`,
    `${shellLimits(limits, false)}exec </dev/null`,
    `eval ${quoted(command)}`,
  ].join(';');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
