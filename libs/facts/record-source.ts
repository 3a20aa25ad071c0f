import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AstTerm } from '#domain/spec/spec.js';
import type { BlobSource } from '#engine/ports/git.port.js';
import type { RecordCache } from './cache/record-cache.js';
import type { Examination } from './extract/examine.js';
import type { ExaminerPool } from './extract/examiner-pool.js';
import { termsOf, type Reader } from './languages.js';
import { RecordReader, type RecordPart } from './record.js';

/** A blob as one reader reads it. */
export interface Readable {
  readonly blob: string;
  readonly size: number;
  readonly reader: Reader;
}

/** What was learned of one blob. */
export type Learned =
  | { readonly kind: 'read'; readonly record: RecordReader | null; readonly ast: Ast }
  | { readonly kind: 'skipped'; readonly mayHoldTables: boolean }
  | { readonly kind: 'unread'; readonly reason: string };
type Ast = Readonly<Record<string, readonly number[]>>;

export interface Wish {
  readonly source: BlobSource;
  readonly ast: readonly AstTerm[];
  /** How much of each record is asked for. */
  readonly part: RecordPart;
  /** Whether every blob is worth it, so that how much there is to parse is known beforehand. */
  readonly everything?: true;
  /** Whether a blob has to be parsed; asked where its record is not known. */
  readonly worth: (content: Buffer, file: Readable) => boolean;
  /** Whether a blob that is not worth it may name tables all the same. */
  readonly mayHoldTables: (content: Buffer, file: Readable) => boolean;
  readonly learn: (file: Readable, learned: Learned) => void;
}

/** Bounds the source text that is on its way at once; small enough for threads to end at nearly the same time. */
const BATCH_BYTES = 256 * 1024;
/** Between two turns of the event loop. */
const TURN_MS = 20;

/** Knows blobs by their records: from memory, from disk, or by parsing them. */
export class RecordSource {
  constructor(
    private readonly cache: RecordCache,
    private readonly pool: ExaminerPool,
  ) {}

  /** Tells of each file once, in any order. */
  async study(files: readonly Readable[], wish: Wish): Promise<void> {
    if (files.length === 0) return;
    await this.cache.refresh();
    const unknown = await this.unknown(files, wish);
    const queue = batches(unknown);
    const work = { bytes: wish.everything === true ? unknown.reduce((sum, { size }) => sum + size, 0) : 0 };
    const lanes = Array.from({ length: this.pool.width }, async () => {
      for (let batch = queue.shift(); batch !== undefined; batch = queue.shift())
        await this.read(batch, wish, work);
    });
    await Promise.all(lanes);
    await this.cache.flush();
  }

  /** Tells of what is known. @returns the others */
  private async unknown(files: readonly Readable[], wish: Wish): Promise<Readable[]> {
    const unknown: Readable[] = [];
    let turn = performance.now();
    for (const file of files) {
      if (!this.recall(file, wish)) unknown.push(file);
      if (performance.now() - turn < TURN_MS) continue;
      await nextTurn();
      turn = performance.now();
    }
    return unknown;
  }

  private recall(file: Readable, { ast, part, learn }: Wish): boolean {
    if (file.reader !== 'sql' && termsOf(ast, file.reader).length > 0) return false;
    const record = this.record(file, part);
    if (record === null) return false;
    learn(file, { kind: 'read', record, ast: {} });
    return true;
  }

  private async read(files: readonly Readable[], wish: Wish, work: { bytes: number }): Promise<void> {
    const contents = await wish.source.read(files.map((file) => file.blob));
    const batch: (Required<Examination> & {
      readonly file: Readable;
      readonly known: RecordReader | null;
    })[] = [];
    files.forEach((file, index) => {
      const content = contents[index];
      if (content === undefined)
        throw new Error('the blob source returned fewer blobs than it was asked for');
      const { reader } = file;
      if (!wish.worth(content, file))
        return wish.learn(file, { kind: 'skipped', mayHoldTables: wish.mayHoldTables(content, file) });
      const known = this.record(file, wish.part);
      batch.push({ content, reader, record: known === null, ast: wish.ast, part: wish.part, file, known });
    });
    if (batch.length === 0) return;
    const results = await this.pool.run(
      batch.map(({ content, reader, record, ast, part }) => ({ content, reader, record, ast, part })),
      work,
    );
    batch.forEach(({ file, known }, index) => {
      const result = results[index];
      if (result === undefined) throw new Error('a parser returned fewer results than it was asked for');
      if (!result.ok) return wish.learn(file, { kind: 'unread', reason: result.reason });
      const fresh = result.record === null ? null : asBuffer(result.record);
      if (fresh !== null) this.cache.put(keyOf(file, wish.part), fresh);
      const record = fresh === null ? known : new RecordReader(fresh);
      wish.learn(file, { kind: 'read', record, ast: result.ast });
    });
  }

  /** A whole record answers for a part of it. */
  private record(file: Readable, part: RecordPart): RecordReader | null {
    const known =
      this.cache.get(keyOf(file, part)) ?? (part === 'whole' ? null : this.cache.get(keyOf(file, 'whole')));
    return known === null ? null : new RecordReader(known);
  }
}

function keyOf({ reader, blob }: Readable, part: RecordPart): string {
  return part === 'whole' ? `${reader} ${blob}` : `${part} ${reader} ${blob}`;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function batches(files: readonly Readable[]): Readable[][] {
  const result: Readable[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const file of files) {
    if (bytes + file.size > BATCH_BYTES) {
      result.push([]);
      bytes = 0;
    }
    result.at(-1)?.push(file);
    bytes += file.size;
  }
  return result;
}
