import type { FunctionRange } from '#domain/spec/facts.js';
import type { RouteParts } from './routes/routes.js';

/** What a value stands for in its place, one bit each. */
export const MARK = {
  identifier: 1,
  expression: 2,
  symbol: 4,
  variable: 8,
  assignment: 16,
  callee: 32,
  assigned_text: 64,
  argument: 128,
  sql_text: 256,
  sql_table: 512,
  /** In SQL that cannot be read to its end: it may be a table. */
  unread_sql: 1024,
} as const;

/**
 * Records of another version are never read. Its number is raised with every change of the record, of its marks or of
 * what an extractor finds; the rest are the parsers' versions.
 */
export const EXTRACTOR_VERSION = '4 tree-sitter-wasm-0.3.1';

/** One value on one line, with everything that it stands for there. */
export interface Mention {
  readonly value: string;
  readonly line: number;
  readonly marks: number;
}

export interface FunctionRecord extends FunctionRange {
  /** From its first word, or from what exports or names it on the same line, to its body; on one line. */
  readonly signature: string;
}

export interface ImportRecord {
  readonly module: string;
  readonly line: number;
  /** The statement without its layout. */
  readonly text: string;
}

export interface FileStructure {
  readonly functions: readonly FunctionRecord[];
  readonly imports: readonly ImportRecord[];
  /** React components. */
  readonly components: readonly FunctionRecord[];
}

/** `structure`: as `whole`, without mentions. */
export type RecordPart = 'whole' | 'structure';

/** Everything that one extractor finds in one blob, whatever is asked. */
export interface FileRecord extends FileStructure {
  readonly mentions: readonly Mention[];
  /** null where the file says nothing about routes. */
  readonly routes: RouteParts | null;
}

/** Lengths of the values and mentions, how many values there are, and the length of the routes. */
const HEAD_BYTES = 16;

/** A record as one buffer: the distinct values, the mentions as small numbers, the structure as JSON. */
export function encodeRecord(record: FileRecord): Buffer {
  const indexes = new Map<string, number>();
  const bytes = new ByteWriter();
  let line = 0;
  for (const mention of record.mentions) {
    let index = indexes.get(mention.value);
    if (index === undefined) indexes.set(mention.value, (index = indexes.size));
    bytes.number(mention.line - line);
    bytes.number(index);
    bytes.number(mention.marks);
    line = mention.line;
  }
  const values = Buffer.from([...indexes.keys()].join('\0'));
  const { functions, imports, components } = record;
  const structure = Buffer.from(
    JSON.stringify([
      functions.map(rowOf),
      imports.map((each) => [each.module, each.line, each.text]),
      components.map(rowOf),
    ]),
  );
  const mentions = bytes.end();
  const routes = record.routes === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(record.routes));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(values.length, 0);
  head.writeUInt32LE(mentions.length, 4);
  head.writeUInt32LE(indexes.size, 8);
  head.writeUInt32LE(routes.length, 12);
  return Buffer.concat([head, values, mentions, routes, structure]);
}

/** Reads an encoded record piece by piece, so that a question about its values costs no more than they do. */
export class RecordReader {
  /** Distinct values; mentions name them by index. */
  readonly values: readonly string[];
  private readonly mentionsAt: number;
  private readonly routesAt: number;
  private readonly structureAt: number;

  constructor(private readonly buffer: Buffer) {
    const valueBytes = buffer.readUInt32LE(0);
    this.mentionsAt = HEAD_BYTES + valueBytes;
    this.routesAt = this.mentionsAt + buffer.readUInt32LE(4);
    this.structureAt = this.routesAt + buffer.readUInt32LE(12);
    const text = buffer.toString('utf8', HEAD_BYTES, this.mentionsAt);
    this.values = buffer.readUInt32LE(8) === 0 ? [] : text.split('\0');
  }

  /** All mentions in the order of their lines, the value by its index. */
  eachMention(visit: (index: number, line: number, marks: number) => void): void {
    const { buffer, routesAt } = this;
    let at = this.mentionsAt;
    let line = 0;
    const next = (): number => {
      let result = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = buffer[at++] ?? 0;
        result |= (byte & 0x7f) << shift;
        if (byte < 0x80) return result;
      }
    };
    while (at < routesAt) {
      line += next();
      const index = next();
      visit(index, line, next());
    }
  }

  routes(): RouteParts | null {
    const { routesAt, structureAt } = this;
    if (routesAt === structureAt) return null;
    return JSON.parse(this.buffer.toString('utf8', routesAt, structureAt)) as RouteParts;
  }

  structure(): FileStructure {
    const [functions, imports, components] = JSON.parse(this.buffer.toString('utf8', this.structureAt)) as [
      Row[],
      [string, number, string][],
      Row[],
    ];
    return {
      functions: functions.map(recordOf),
      imports: imports.map(([module, line, text]) => ({ module, line, text })),
      components: components.map(recordOf),
    };
  }
}

type Row = [name: string, startLine: number, endLine: number, signature: string];

function rowOf({ name, startLine, endLine, signature }: FunctionRecord): Row {
  return [name, startLine, endLine, signature];
}

function recordOf([name, startLine, endLine, signature]: Row): FunctionRecord {
  return { name, startLine, endLine, signature };
}

/** Numbers of seven bits a byte, the low ones first. */
class ByteWriter {
  private bytes = Buffer.allocUnsafe(4096);
  private length = 0;

  number(value: number): void {
    if (this.length + 5 > this.bytes.length) {
      this.bytes = Buffer.concat([this.bytes, Buffer.allocUnsafe(this.bytes.length)]);
    }
    let left = value;
    while (left >= 0x80) {
      this.bytes[this.length++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    this.bytes[this.length++] = left;
  }

  end(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}
