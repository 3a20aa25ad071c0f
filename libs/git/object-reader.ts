import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { objectId } from './names.js';

export interface GitObject {
  readonly type: string;
  readonly size: number;
  /** Empty where only heads are read. */
  readonly content: Buffer;
}

interface Request {
  readonly id: string;
  readonly resolve: (object: GitObject | null) => void;
  readonly reject: (error: Error) => void;
  /** How often the request was sent: a reader that died is replaced once per request. */
  sent: number;
}

const IDLE_MS = 60_000;
const NOTHING = Buffer.alloc(0);

/** Reads objects of one repository through a long-lived `git cat-file`; requests are pipelined. */
export class ObjectReader {
  private process: Promise<ChildProcessWithoutNullStreams> | null = null;
  private waiting: Request[] = [];
  private chunks: Buffer[] = [];
  private length = 0;
  /** The object whose content is being received. */
  private current: { readonly type: string; readonly size: number } | null = null;
  private idle: NodeJS.Timeout | null = null;
  private closed = false;
  /** Grows with every process, so that the end of an old one is no news. */
  private generation = 0;

  /** @param part what git was started for: `whole` objects (`--batch`) or their `head`s (`--batch-check`) */
  constructor(
    private readonly start: () => Promise<ChildProcessWithoutNullStreams>,
    private readonly part: 'whole' | 'head' = 'whole',
  ) {}

  /** The object, or null if the repository lacks it. Rejects when the reader died twice on it or was closed. */
  read(id: string): Promise<GitObject | null> {
    objectId(id);
    return new Promise((resolve, reject) => this.send({ id, resolve, reject, sent: 0 }));
  }

  /** Ends the process; requests under way are rejected. */
  async close(): Promise<void> {
    this.closed = true;
    const child = await this.process?.catch(() => null);
    if (child === null || child === undefined) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  private send(request: Request): void {
    if (this.closed) return request.reject(new Error('The object reader is closed.'));
    if (this.idle !== null) clearTimeout(this.idle);
    request.sent += 1;
    this.waiting.push(request);
    this.process ??= this.launch();
    this.process.then(
      (child) => child.stdin.write(`${request.id}\n`),
      (error: Error) => request.reject(error),
    );
  }

  private async launch(): Promise<ChildProcessWithoutNullStreams> {
    const generation = (this.generation += 1);
    let child: ChildProcessWithoutNullStreams;
    try {
      child = await this.start();
    } catch (error) {
      this.reset();
      throw error;
    }
    child.stdout.on('data', (chunk: Buffer) => this.receive(chunk));
    child.stderr.resume();
    // Its end is reported by 'close' or 'error' below.
    child.stdin.on('error', () => undefined);
    const onEnd = (): void => {
      if (generation === this.generation) this.restart();
    };
    child.once('error', onEnd);
    child.once('close', onEnd);
    return child;
  }

  private reset(): Request[] {
    const left = this.waiting;
    this.generation += 1;
    this.process = null;
    this.waiting = [];
    this.chunks = [];
    this.length = 0;
    this.current = null;
    return left;
  }

  private restart(): void {
    for (const request of this.reset()) {
      if (request.sent < 2) this.send(request);
      else request.reject(new Error(`git cat-file ended while reading ${request.id}.`));
    }
  }

  private receive(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
    while (this.step());
    if (this.waiting.length === 0) this.endWhenIdle();
  }

  /** Takes one header or one content from what was received; false when more bytes are needed. */
  private step(): boolean {
    if (this.current !== null) {
      const { type, size } = this.current;
      if (this.length < size + 1) return false;
      const content = this.take(size + 1).subarray(0, size);
      this.current = null;
      this.waiting.shift()?.resolve({ type, size, content });
      return true;
    }
    const end = this.lineEnd();
    if (end < 0) return false;
    const words = this.take(end + 1)
      .toString('latin1')
      .trimEnd()
      .split(' ');
    const head = words.length === 3 ? { type: words[1] ?? '', size: Number(words[2]) } : null;
    if (head !== null && this.part === 'whole') this.current = head;
    else this.waiting.shift()?.resolve(head === null ? null : { ...head, content: NOTHING });
    return true;
  }

  private lineEnd(): number {
    let before = 0;
    for (const chunk of this.chunks) {
      const at = chunk.indexOf(10);
      if (at >= 0) return before + at;
      before += chunk.length;
    }
    return -1;
  }

  private take(size: number): Buffer {
    const [first] = this.chunks;
    const all = this.chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.chunks);
    this.chunks = all.length > size ? [all.subarray(size)] : [];
    this.length = all.length - size;
    return all.subarray(0, size);
  }

  private endWhenIdle(): void {
    if (this.idle !== null) clearTimeout(this.idle);
    this.idle = setTimeout(() => {
      void this.process?.then((child) => child.stdin.end());
      this.reset();
    }, IDLE_MS);
    this.idle.unref();
  }
}
