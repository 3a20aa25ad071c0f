import { spawn, type ChildProcess } from 'node:child_process';
import { resolve as resolvePath } from 'node:path';
import { findProgram } from './find-program.js';
import { canBeOrdered, type ForkShells } from './fork-shell.js';
import { JailStatus, type Jail } from './jail.js';
import { DEFAULT_LIMITS, exceeded, shellLimits, type ExceededLimit, type ResourceLimits } from './limits.js';
import { OwnProcess, type End, type Launched } from './launched.js';
import { OutputPieces } from './output-pieces.js';
import { OutputTail } from './output-tail.js';
import { nextRunMark, RUN_MARK } from './process-tree.js';
import { StopOnce } from './stop-once.js';
import { Watch } from './watchdog.js';

export interface ProcessRequest {
  /** A line for the shell, or a program with its arguments. */
  readonly run: { readonly command: string } | { readonly argv: readonly [string, ...string[]] };
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** More output than this, stdout and stderr together, ends the run. */
  readonly outputLimitBytes: number;
  /** Default: DEFAULT_LIMITS. */
  readonly limits?: ResourceLimits;
  /** Folders whose growth counts; default: `cwd`. */
  readonly folders?: readonly string[];
  /** Starts it inside of bubblewrap. */
  readonly jail?: Jail;
  /** How much of the end of the output is kept. */
  readonly tailBytes?: number;
  /** Keeps standard output by itself as well, if it is no longer than this. */
  readonly stdoutBytes?: number;
  /** Time between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
  readonly stdin?: string;
  /** Given what it prints while it runs, in bounded pieces of whole lines; all of them before the result. */
  readonly onOutput?: (piece: string) => void;
}

interface Ended {
  /** Tail of stdout and stderr, in the order they were read. */
  readonly output: string;
  /** All of standard output; null where it is longer than was asked for. */
  readonly stdout?: string | null;
  readonly durationMs: number;
}

export type ProcessResult =
  | ({
      readonly kind: 'exited';
      /** Inside of bubblewrap, and of a shell that forks, a signal shows as 128 and its number. */
      readonly exitCode: number | null;
      readonly signal: NodeJS.Signals | null;
    } & Ended)
  | ({ readonly kind: 'timed_out' | 'output_limit' | 'aborted' } & Ended)
  | ({ readonly kind: 'limit_exceeded'; readonly limit: ExceededLimit } & Ended)
  | { readonly kind: 'not_started'; readonly reason: string };

const DEFAULT_TAIL_BYTES = 65_536;
const DEFAULT_GRACE_MS = 2_000;
/** How long a stream may stay open after everything that wrote to it was killed. */
const DRAIN_MS = 500;
/** A timer set for longer fires at once. */
const LONGEST_TIMER_MS = 2_147_483_647;
/** bubblewrap and the first process inside. */
const JAIL_PROCESSES = 2;
/** What the shell makes of SIGXFSZ, a file above the limit. */
const EXIT_FILE_SIZE = 153;

/**
 * Runs one untrusted process to its end. It leads a process group of its own, and nothing of the group outlives the
 * call: neither after a timeout, an abort or a limit, nor when the process ends and leaves children behind. In a jail
 * that holds for whatever it started, else for what stayed in the group or kept the run's mark.
 *
 * @param shells carry out commands that need neither a jail nor an input, and whose standard output is not asked for by
 *   itself; without them each has a process started for it
 */
export async function runProcess(request: ProcessRequest, shells?: ForkShells): Promise<ProcessResult> {
  const started = performance.now();
  if (request.signal?.aborted === true) return { kind: 'aborted', output: '', durationMs: 0 };
  const launched = launch(request, shells);
  if ('reason' in launched) return launched;
  const { jail } = launched;

  const limits = request.limits ?? DEFAULT_LIMITS;
  const tail = new OutputTail(request.tailBytes ?? DEFAULT_TAIL_BYTES);
  const stop = new StopOnce(launched, request.graceMs ?? DEFAULT_GRACE_MS);
  const stdout = request.stdoutBytes === undefined ? null : new OutputTail(request.stdoutBytes);
  const pieces = request.onOutput === undefined ? null : new OutputPieces(request.onOutput);
  const read = collect(launched, request, { tail, stdout, pieces }, stop);
  const watch = new Watch({
    leader: launched.leader ?? 0,
    isShared: launched.isShared,
    overhead: jail === null ? 0 : JAIL_PROCESSES,
    limits,
    folders: request.folders ?? [request.cwd],
    onExceeded: (limit) => stop.exceed(limit),
  });
  const end = await waitForEnd(launched, request, stop);
  stop.end();
  await launched.clear();
  const overDisk = await watch.end();
  if ('reason' in end) return { kind: 'not_started', reason: end.reason };

  await Promise.race([read, delay(DRAIN_MS)]);
  launched.close();
  pieces?.end();
  const ended = {
    output: tail.toString(),
    ...(stdout !== null && { stdout: stdout.whole() }),
    durationMs: Math.round(performance.now() - started),
  };
  const limit = stop.limit ?? overDisk ?? fileSizeLimit(end, limits);
  if (limit !== null && (stop.why === null || stop.why === 'limit_exceeded'))
    return { kind: 'limit_exceeded', limit, ...ended };
  if (stop.why !== null && stop.why !== 'limit_exceeded') return { kind: stop.why, ...ended };
  if (jail?.ran === false) return { kind: 'not_started', reason: ended.output.trim() || 'bubblewrap failed' };
  return { kind: 'exited', exitCode: end.exitCode, signal: end.signal, ...ended };
}

function launch(
  request: ProcessRequest,
  shells: ForkShells | undefined,
): Launched | Extract<ProcessResult, { reason: string }> {
  try {
    return begun(request, shells) ?? { kind: 'not_started', reason: 'there is no such program' };
  } catch (error) {
    return { kind: 'not_started', reason: messageOf(error) };
  }
}

function begun(request: ProcessRequest, shells: ForkShells | undefined): Launched | null {
  const { jail, run, cwd, env, stdin, stdoutBytes, limits = DEFAULT_LIMITS } = request;
  const plain = jail === undefined && stdin === undefined && stdoutBytes === undefined;
  if (shells !== undefined && plain && 'command' in run) {
    const order = { command: run.command, cwd, env, limits };
    if (canBeOrdered(order)) return shells.begin(order);
  }
  const line = commandLine(request);
  if (line === null) return null;
  const [program, ...args] = jail === undefined ? line : [jail.program, ...jail.args, ...line];
  const mark = nextRunMark();
  const child = spawn(program as string, args, {
    cwd: jail === undefined ? cwd : '/',
    env: { ...env, [RUN_MARK]: mark },
    detached: true,
    stdio: descriptors(request),
  });
  feed(child, stdin);
  return new OwnProcess(child, mark, jail === undefined ? null : new JailStatus(child, jail));
}

/** A pipe costs as much as a tenth of a start: only those that carry something. */
function descriptors({ stdin, jail }: ProcessRequest): ('pipe' | 'ignore')[] {
  const given = stdin === undefined ? 'ignore' : 'pipe';
  if (jail === undefined) return [given, 'pipe', 'pipe'];
  return [given, 'pipe', 'pipe', 'pipe', ...(jail.input === null ? [] : ['pipe' as const])];
}

/** The shell sets the limits that it can, then runs the line or becomes the program; null where that is missing. */
function commandLine({ run, cwd, env, limits, jail }: ProcessRequest): readonly string[] | null {
  const begin = shellLimits(limits ?? DEFAULT_LIMITS, jail !== undefined);
  if ('command' in run) return ['/bin/sh', '-c', `${begin}${run.command}`];
  const [name, ...args] = run.argv;
  const program = findProgram(name.includes('/') ? resolvePath(cwd, name) : name, env['PATH'] ?? '');
  return program === null ? null : ['/bin/sh', '-c', `${begin}exec "$@"`, 'sh', program, ...args];
}

function waitForEnd(launched: Launched, request: ProcessRequest, stop: StopOnce): Promise<End> {
  const timer = setTimeout(() => stop.begin('timed_out'), Math.min(request.timeoutMs, LONGEST_TIMER_MS));
  const abort = () => stop.begin('aborted');
  request.signal?.addEventListener('abort', abort, { once: true });
  return launched.end.finally(() => {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', abort);
  });
}

/** Who reads what it prints. */
interface Readers {
  readonly tail: OutputTail;
  readonly stdout: OutputTail | null;
  readonly pieces: OutputPieces | null;
}

/** Resolves when nothing more can come. */
function collect(
  launched: Launched,
  request: ProcessRequest,
  { tail, stdout, pieces }: Readers,
  stop: StopOnce,
): Promise<unknown> {
  return launched.read((chunk, name) => {
    // Past its limit a flood is drained, not handed on, until the kill takes effect.
    if (tail.totalBytes > request.outputLimitBytes) return;
    tail.push(chunk);
    if (name === 'stdout') stdout?.push(chunk);
    pieces?.add(chunk, name);
    if (tail.totalBytes > request.outputLimitBytes) stop.begin('output_limit');
  });
}

function feed(child: ChildProcess, stdin: string | undefined): void {
  // A process that does not read its input closes the pipe: no error of ours.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(stdin ?? '');
}

function fileSizeLimit(
  end: Exclude<End, { readonly reason: string }>,
  limits: ResourceLimits,
): ExceededLimit | null {
  const hit = end.signal === 'SIGXFSZ' || end.exitCode === EXIT_FILE_SIZE;
  return hit ? exceeded('disk', limits.diskBytes, limits) : null;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
