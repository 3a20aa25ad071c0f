import { nameOf } from './statement-names.js';

/** An insert or an update that may share its statement with writes to other tables. */
export interface JoinedWrite {
  /** What it writes, and then what else it reads that a decision may write. */
  readonly tables: readonly [written: string, ...read: string[]];
  readonly text: string;
  readonly values: readonly unknown[];
  /** It only adds rows, and nothing that was written before stands in the way of them. */
  readonly adds?: boolean;
  /** How many rows it has to meet, and what they are, for who reads that it was fenced off. */
  readonly meets?: { readonly rows: number; readonly what: string };
}

/** One statement of them. */
export interface JoinedStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Writes that are to be one statement, since opening and closing one costs as much as writing a row. They are in the order
 * in which they were asked for, as far as any of them could tell.
 */
export class JoinedWrites {
  private writes: JoinedWrite[] = [];

  /** @returns what has to be sent first: those before it, where it writes or reads a table of theirs */
  add(write: JoinedWrite): JoinedStatement | null {
    const first = this.writes.some((other) => areBound(other, write)) ? this.take() : null;
    this.writes.push(write);
    return first;
  }

  /** All that were added since; null where there are none. */
  take(): JoinedStatement | null {
    const { writes } = this;
    if (writes.length === 0) return null;
    this.writes = [];
    return { text: statementOf(writes), values: writes.flatMap(valuesOf) };
  }
}

/** The later one needs what the earlier one wrote, or both write the same rows: a statement sees nothing of itself. */
function areBound({ tables: [written] }: JoinedWrite, { tables, adds }: JoinedWrite): boolean {
  return (adds === true ? tables.slice(1) : tables).includes(written);
}

function valuesOf({ values, meets }: JoinedWrite): readonly unknown[] {
  return meets === undefined ? values : [...values, meets.rows];
}

const statements = new Map<string, string>();

/** Texts are few, and so are the ways in which they come together. */
function statementOf(writes: readonly JoinedWrite[]): string {
  const key = writes.map(({ text }) => nameOf(text)).join(' ');
  const known = statements.get(key);
  if (known !== undefined) return known;
  const statement = compose(writes);
  statements.set(key, statement);
  return statement;
}

function compose(writes: readonly JoinedWrite[]): string {
  let taken = 0;
  const expected: string[] = [];
  const parts = writes.map(({ text, values, meets }, at) => {
    const before = taken;
    const own = text.replace(/\$(\d+)/g, (_, place: string) => `$${before + Number(place)}`);
    taken += values.length;
    if (meets === undefined) return `w${at} AS (${own})`;
    taken += 1;
    expected.push(`((SELECT count(*) FROM w${at}), $${taken}::bigint, '${meets.what}')`);
    return `w${at} AS (${own} RETURNING 1)`;
  });
  const rows = expected.length === 0 ? `(0, 0, '')` : expected.join(', ');
  return `WITH ${parts.join(', ')}
    SELECT expect_rows(v.met, v.wanted, v.what) FROM (VALUES ${rows}) AS v(met, wanted, what) WHERE v.met <> v.wanted`;
}
