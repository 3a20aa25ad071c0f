import { MARK, type FileRecord } from '../record.js';
import { tablesOfSql } from '../sql/sql-tables.js';
import { Mentions } from './mentions.js';
import type { SourceText } from './source-text.js';

/** The tables of one file of SQL. */
export function extractSql({ text }: SourceText): FileRecord {
  const mentions = new Mentions();
  for (const { table, line } of tablesOfSql(text).tables) mentions.add(table, line + 1, MARK.sql_table);
  return { mentions: mentions.list(), functions: [], imports: [], components: [], routes: null };
}
