import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { examine, openFor, type Examination, type Examined } from './examine.js';
import type { BatchAnswer } from './extract-worker.js';

export interface ThreadsConfig {
  /** The compiled `extract-worker.js`. */
  readonly script: string;
  readonly count: number;
}

interface Thread {
  readonly worker: Worker;
  /** Settles the batch under way. */
  settle: ((answer: BatchAnswer | Error) => void) | null;
}

/** Less text than this is parsed sooner here than a thread starts. */
const INLINE_BYTES = 256 * 1024;
const IDLE_MS = 20_000;
const HEAP_MIB = 256;
/** A thread whose parsers hold more is replaced: memory that a large file took is given back with its thread only. */
const MAX_HELD_BYTES = 192 * 1024 * 1024;
/** Between two turns of the event loop, which renews leases meanwhile. */
const TURN_MS = 20;

/** Parses on threads where there is much to do, in this thread where there is little. */
export class ExaminerPool {
  private readonly idle: Thread[] = [];
  private readonly waiting: ((thread: Thread) => void)[] = [];
  private started = 0;
  private timer: NodeJS.Timeout | null = null;
  private closed = false;

  /** @param config null: everything is parsed in this thread */
  constructor(private readonly config: ThreadsConfig | null) {}

  /** Batches that are worth having under way at once. */
  get width(): number {
    return this.config === null ? 1 : this.config.count + 1;
  }

  /**
   * Results in the order asked.
   *
   * @param work all batches of one piece of work name the same: little of it is not worth a thread
   */
  async run(batch: readonly Examination[], work: { bytes: number }): Promise<readonly Examined[]> {
    work.bytes += batch.reduce((sum, each) => sum + each.content.length, 0);
    try {
      if (this.config === null || (work.bytes < INLINE_BYTES && this.started === 0))
        return await this.runHere(batch);
      return await this.runOn(await this.take(this.config), batch);
    } catch (error) {
      const reason = `not parsed: ${error instanceof Error ? error.message : String(error)}`;
      return batch.map(() => ({ ok: false, reason }));
    }
  }

  /** Ends the threads; what is under way is reported as not parsed. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await Promise.all(this.idle.splice(0).map(({ worker }) => worker.terminate()));
  }

  private async runHere(batch: readonly Examination[]): Promise<readonly Examined[]> {
    await openFor(batch);
    const results: Examined[] = [];
    let turn = performance.now();
    for (const each of batch) {
      results.push(examine(each));
      if (performance.now() - turn < TURN_MS) continue;
      await nextTurn();
      turn = performance.now();
    }
    return results;
  }

  private take(config: ThreadsConfig): Promise<Thread> | Thread {
    const idle = this.idle.pop();
    if (idle !== undefined) return idle;
    if (this.started < config.count) return this.start(config);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private start(config: ThreadsConfig): Thread {
    this.started += 1;
    const worker = new Worker(config.script, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB } });
    const thread: Thread = { worker, settle: null };
    // A process that has nothing else to do ends, whatever threads idle.
    worker.unref();
    worker.on('message', (answer: BatchAnswer) => thread.settle?.(answer));
    worker.on('error', (error) => thread.settle?.(error));
    worker.once('exit', () => this.ended(thread));
    return thread;
  }

  private async runOn(thread: Thread, batch: readonly Examination[]): Promise<readonly Examined[]> {
    thread.worker.ref();
    const answer = await new Promise<BatchAnswer | Error>((resolve) => {
      thread.settle = resolve;
      thread.worker.postMessage(batch);
    });
    thread.settle = null;
    if ('results' in answer && answer.heldBytes > MAX_HELD_BYTES) {
      // The one after it begins when it has ended: until then the process has something to wait for.
      void thread.worker.terminate();
      return answer.results;
    }
    thread.worker.unref();
    if (!('results' in answer)) throw answer;
    this.give(thread);
    return answer.results;
  }

  private give(thread: Thread): void {
    const next = this.waiting.shift();
    if (next !== undefined) return next(thread);
    this.idle.push(thread);
    if (this.closed) void thread.worker.terminate();
    else this.endWhenIdle();
  }

  private ended(thread: Thread): void {
    this.started -= 1;
    const at = this.idle.indexOf(thread);
    if (at >= 0) this.idle.splice(at, 1);
    thread.settle?.(new Error('its thread ended'));
    const next = this.waiting.shift();
    if (next !== undefined && this.config !== null) next(this.start(this.config));
  }

  /** Threads hold memory: a worker that verifies now and then needs none in between. */
  private endWhenIdle(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.idle.length < this.started) return;
      for (const { worker } of this.idle.splice(0)) void worker.terminate();
    }, IDLE_MS);
    this.timer.unref();
  }
}
