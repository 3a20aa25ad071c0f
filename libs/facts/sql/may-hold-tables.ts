import type { Reader } from '../languages.js';
import { mayNameTables } from './orm-tables.js';

/** Every statement and fragment of SQL has one of these before white space, an escape, a comment or the end of a literal. */
const KEYWORD =
  /\b(?:select|insert|update|delete|merge|replace|create|alter|drop|truncate|join|into|table|copy|with|grant|revoke|set)\b(?=[\s\\'"`]|\/\*|--)|\bfrom\b(?=\s+[^\s'"]|\\|\/\*|--)/i;

/** Whether a file may name a table, by SQL or by an ORM, told by its text. False is as good as certain: no table. */
export function mayHoldTables(text: string, reader: Reader): boolean {
  return reader === 'sql' || KEYWORD.test(text) || mayNameTables(text, reader);
}
