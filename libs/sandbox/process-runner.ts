import { spawn, type ChildProcess } from 'node:child_process';
import { OutputTail } from './output-tail.js';
import { killMarked, nextRunMark, RUN_MARK, signalGroup } from './process-tree.js';

export interface ProcessRequest {
  /** A line for the shell, or a program with its arguments. */
  readonly run: { readonly command: string } | { readonly argv: readonly [string, ...string[]] };
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** More output than this, stdout and stderr together, ends the run. */
  readonly outputLimitBytes: number;
  /** How much of the end of the output is kept. */
  readonly tailBytes?: number;
  /** Time between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
  readonly stdin?: string;
  readonly onOutput?: (chunk: Buffer, stream: 'stdout' | 'stderr') => void;
}

interface Ended {
  /** Tail of stdout and stderr, in the order they were read. */
  readonly output: string;
  readonly durationMs: number;
}

export type ProcessResult =
  | ({
      readonly kind: 'exited';
      readonly exitCode: number | null;
      readonly signal: NodeJS.Signals | null;
    } & Ended)
  | ({ readonly kind: 'timed_out' | 'output_limit' | 'aborted' } & Ended)
  | { readonly kind: 'not_started'; readonly reason: string };

const DEFAULT_TAIL_BYTES = 65_536;
const DEFAULT_GRACE_MS = 2_000;
/** How long a stream may stay open after everything that wrote to it was killed. */
const DRAIN_MS = 500;
/** A timer set for longer fires at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Runs one untrusted process to its end. It leads a process group of its own, and nothing of the group outlives the
 * call: neither after a timeout, an abort or a flood of output, nor when the process ends and leaves children behind.
 */
export async function runProcess(request: ProcessRequest): Promise<ProcessResult> {
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  if (request.signal?.aborted === true) return { kind: 'aborted', output: '', durationMs: 0 };
  const mark = nextRunMark();
  const child = launch(request, mark);
  if (!('process' in child)) return child;

  const tail = new OutputTail(request.tailBytes ?? DEFAULT_TAIL_BYTES);
  const stop = new StopOnce(child.process, request.graceMs ?? DEFAULT_GRACE_MS);
  const streams = collect(child.process, request, tail, stop);
  feed(child.process, request.stdin);
  const end = await waitForEnd(child.process, request, stop);
  if ('reason' in end) return { kind: 'not_started', reason: end.reason };

  stop.killNow();
  await killMarked(mark);
  await Promise.race([streams, delay(DRAIN_MS)]);
  child.process.stdout?.destroy();
  child.process.stderr?.destroy();
  const ended = { output: tail.toString(), durationMs: elapsed() };
  if (stop.why !== null) return { kind: stop.why, ...ended };
  return { kind: 'exited', exitCode: end.exitCode, signal: end.signal, ...ended };
}

function launch(
  request: ProcessRequest,
  mark: string,
): { process: ChildProcess } | Extract<ProcessResult, { reason: string }> {
  const [program, ...args] =
    'command' in request.run ? ['/bin/sh', '-c', request.run.command] : request.run.argv;
  try {
    const child = spawn(program, args, {
      cwd: request.cwd,
      env: { ...request.env, [RUN_MARK]: mark },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return { process: child };
  } catch (error) {
    return { kind: 'not_started', reason: messageOf(error) };
  }
}

type End = { exitCode: number | null; signal: NodeJS.Signals | null } | { reason: string };

function waitForEnd(child: ChildProcess, request: ProcessRequest, stop: StopOnce): Promise<End> {
  const timer = setTimeout(() => stop.begin('timed_out'), Math.min(request.timeoutMs, LONGEST_TIMER_MS));
  const abort = () => stop.begin('aborted');
  request.signal?.addEventListener('abort', abort, { once: true });
  return new Promise<End>((resolve) => {
    // 'exit' and not 'close': a child left in the background may hold the pipes open for ever.
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ reason: messageOf(error) });
    });
  }).finally(() => {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', abort);
  });
}

/** Resolves when both streams have ended. */
function collect(
  child: ChildProcess,
  request: ProcessRequest,
  tail: OutputTail,
  stop: StopOnce,
): Promise<unknown> {
  return Promise.all(
    (['stdout', 'stderr'] as const).map((name) => {
      const stream = child[name];
      stream?.on('data', (chunk: Buffer) => {
        // Past its limit a flood is drained, not handed on, until the kill takes effect.
        if (tail.totalBytes > request.outputLimitBytes) return;
        tail.push(chunk);
        request.onOutput?.(chunk, name);
        if (tail.totalBytes > request.outputLimitBytes) stop.begin('output_limit');
      });
      return new Promise((resolve) => stream?.once('close', resolve));
    }),
  );
}

function feed(child: ChildProcess, stdin: string | undefined): void {
  // A process that does not read its input closes the pipe: no error of ours.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(stdin ?? '');
}

/** Ends a process group politely, then surely; the first reason is the one that is reported. */
class StopOnce {
  why: 'timed_out' | 'output_limit' | 'aborted' | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly child: ChildProcess,
    private readonly graceMs: number,
  ) {}

  begin(why: 'timed_out' | 'output_limit' | 'aborted'): void {
    if (this.why !== null || this.child.pid === undefined || this.hasEnded()) return;
    this.why = why;
    signalGroup(this.child.pid, 'SIGTERM');
    // A stopped process cannot act on SIGTERM before it continues.
    signalGroup(this.child.pid, 'SIGCONT');
    this.timer = setTimeout(() => this.killNow(), this.graceMs);
  }

  killNow(): void {
    clearTimeout(this.timer);
    if (this.child.pid !== undefined) signalGroup(this.child.pid, 'SIGKILL');
  }

  private hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
