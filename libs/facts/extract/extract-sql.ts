import type { FileRecord } from '../record.js';
import { Mentions } from './mentions.js';
import type { SourceText } from './source-text.js';

/** The tables of one file of SQL. */
export function extractSql({ text }: SourceText): FileRecord {
  const mentions = new Mentions();
  mentions.addSql(text, 1);
  return { mentions: mentions.list(), functions: [], imports: [], components: [], routes: null };
}
