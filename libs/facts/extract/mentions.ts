import { MARK, type Mention } from '../record.js';
import { namesInSql } from '../sql/names-in-sql.js';
import { tablesOfSql } from '../sql/sql-tables.js';

const LINES = 2 ** 24;
/** A longer text is cut here; what stands in the rest of it is found by its own pieces. */
export const MAX_VALUE_LENGTH = 512;

/** Collects values by line: each pair once, with everything that it stands for. */
export class Mentions {
  private readonly values = new Map<string, number>();
  private readonly marks = new Map<number, number>();

  add(value: string, line: number, marks: number): void {
    if (value === '') return;
    let index = this.values.get(value);
    if (index === undefined) this.values.set(value, (index = this.values.size));
    const key = index * LINES + line;
    this.marks.set(key, (this.marks.get(key) ?? 0) | marks);
  }

  /** Tables of SQL that begins on a line; of what cannot be read to its end, every name that may be one. */
  addSql(text: string, line: number): void {
    const { tables, complete } = tablesOfSql(text);
    for (const found of tables) this.add(found.table, line + found.line, MARK.sql_table);
    if (complete) return;
    const names = namesInSql(text);
    for (const name of names) this.add(name, line, MARK.unread_sql);
    if (names.size === 0) this.add('?', line, MARK.unread_sql);
  }

  /** Ordered by line, on one line as they were found. */
  list(): Mention[] {
    const values = [...this.values.keys()];
    const all: Mention[] = [];
    for (const [key, marks] of this.marks) {
      all.push({ value: values[Math.floor(key / LINES)] ?? '', line: key % LINES, marks });
    }
    return all.sort((a, b) => a.line - b.line);
  }
}
