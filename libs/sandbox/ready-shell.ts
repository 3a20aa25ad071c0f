import { spawn, type ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { lastProcessId, nextRunMark, RUN_MARK } from './process-tree.js';
import { shellLimits, type ResourceLimits } from './limits.js';

/** What a waiting shell is told to do. */
export interface ShellOrder {
  /** A line for the shell. */
  readonly command: string;
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: ResourceLimits;
}

/** A process of a run, and what is known of it. */
export interface Launched {
  readonly child: ChildProcess;
  readonly mark: string;
  /** Ids of whatever it starts are above this one, until they begin again. */
  readonly above: number;
}

type Waiting = Omit<Launched, 'above'>;

/**
 * Keeps one shell that is started and waits for its order, since of a short command the start of its process takes most of
 * the time: it goes by between two runs instead. The shell leads a process group of its own and knows nothing but its
 * mark; it ends when nobody can give it an order any more.
 */
export class ReadyShells {
  private waiting: Waiting | null = null;
  private closed = false;

  /** Starts the shell of the next run, unless it waits already. */
  prepare(): void {
    if (this.closed || this.waiting !== null) return;
    try {
      this.waiting = startShell();
    } catch {
      // The run that wants one says why there is none.
    }
  }

  /**
   * Has an order carried out by a shell that nobody else has used, or will.
   *
   * @throws Error when no shell can be started, or the folder is not there
   */
  begin(order: ShellOrder): Launched {
    if (statSync(order.cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new Error(`there is no folder ${order.cwd}`);
    const { waiting } = this;
    this.waiting = null;
    const { child, mark } = waiting !== null && isAlive(waiting.child) ? waiting : startShell();
    const above = lastProcessId() ?? child.pid ?? 0;
    child.stdin?.end(script(order));
    return { child, mark, above };
  }

  /** Ends the one that waits; none is kept afterwards. */
  close(): void {
    this.closed = true;
    this.waiting?.child.stdin?.end();
    this.waiting = null;
  }
}

/** Whether a shell can be told this line by line: else the process is started with it. */
export function canBeOrdered({ command, env }: Pick<ShellOrder, 'command' | 'env'>): boolean {
  return !command.includes('\0') && Object.keys(env).every((name) => ASSIGNABLE.test(name));
}

/** Variables that are data to every shell. */
const ASSIGNABLE =
  /^(?!(?:IFS|ENV|PS\d|PPID|LINENO|OPTIND|OPTARG|OPTERR|E?UID|GROUPS|FUNCNAME|RANDOM|SECONDS|DIRSTACK|SHELLOPTS|(?:BASH|POSIXLY).*)$)[A-Za-z_]\w*$/;

function startShell(): Waiting {
  const mark = nextRunMark();
  const child = spawn('/bin/sh', [], {
    cwd: '/',
    env: { [RUN_MARK]: mark },
    detached: true,
    // What it prints comes in one stream: each costs a tenth of a start.
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // Both are said by its end.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  return { child, mark };
}

function isAlive({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

/**
 * One line, which a shell reads whole before it begins: its own input is nothing from there on. The command sees the
 * variables that it would if it had been started with them.
 */
function script({ command, cwd, env, limits }: ShellOrder): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  return [
    'exec 2>&1',
    `cd ${quoted(cwd)} || exit 126`,
    'unset OLDPWD',
    ...(variables.length === 0 ? [] : [`export ${variables.join(' ')}`]),
    `${shellLimits(limits, false)}exec </dev/null`,
    `eval ${quoted(command)}`,
    'exit\n',
  ].join(';');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
