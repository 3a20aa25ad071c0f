import { parse } from '@ast-grep/napi';
import type { AstTerm } from '#domain/spec/spec.js';
import { parserLanguage, type Reader } from '../languages.js';
import { encodeRecord, type RecordPart } from '../record.js';
import { astLines, termsOf } from './ast-terms.js';
import { extractFile } from './extract-file.js';
import { extractSql } from './extract-sql.js';
import { readSource } from './source-text.js';

/** One blob to look at, and what for. */
export interface Examination {
  readonly content: Uint8Array;
  readonly reader: Reader;
  /** Whether its record is asked for. */
  readonly record: boolean;
  /** How much of it; all by default. */
  readonly part?: RecordPart;
  readonly ast: readonly AstTerm[];
}

export type Examined =
  | {
      readonly ok: true;
      /** Encoded. */
      readonly record: Uint8Array | null;
      readonly ast: Readonly<Record<string, readonly number[]>>;
    }
  | { readonly ok: false; readonly reason: string };

/** Parses one blob once for everything that is asked of it. Never throws: a file that cannot be read is named so. */
export function examine(examination: Examination): Examined {
  const { content, reader } = examination;
  try {
    const source = readSource(content, reader);
    if (reader === 'sql') {
      return { ok: true, record: encodeRecord(extractSql(source)), ast: {} };
    }
    const terms = termsOf(examination.ast, reader);
    if (!examination.record && terms.length === 0) return { ok: true, record: null, ast: {} };
    const root = parse(parserLanguage(reader), source.text);
    const record = examination.record
      ? encodeRecord(extractFile(source, reader, root, examination.part))
      : null;
    return { ok: true, record, ast: astLines(root, source, reader, terms) };
  } catch (error) {
    return { ok: false, reason: `not parsed: ${error instanceof Error ? error.message : String(error)}` };
  }
}
