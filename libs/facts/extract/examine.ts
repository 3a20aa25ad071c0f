import type { AstTerm } from '#domain/spec/spec.js';
import { termsOf, type Reader } from '../languages.js';
import { encodeRecord, type RecordPart } from '../record.js';
import { openGrammars, parserBytes } from '../syntax/grammars.js';
import type * as AstTerms from './ast-terms.js';
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

/** Most threads are never asked for a term: a parser that is not needed is not loaded. */
let terms: typeof AstTerms | null = null;
/** Letters that this thread has had ast-grep parse. */
let termsText = 0;
const TREE_BYTES_PER_LETTER = 64;

/** Loads what `examine` reads these with. */
export async function openFor(batch: readonly Examination[]): Promise<void> {
  await openGrammars(batch.flatMap(({ record, reader }) => (record && reader !== 'sql' ? [reader] : [])));
  if (batch.some(({ ast, reader }) => reader !== 'sql' && termsOf(ast, reader).length > 0))
    terms ??= await import('./ast-terms.js');
}

/** What the parsers of this thread hold: their memory, and trees of ast-grep that may not have been collected yet. */
export function heldBytes(): number {
  return parserBytes() + termsText * TREE_BYTES_PER_LETTER;
}

/**
 * Reads one blob for everything that is asked of it; `openFor` it went before. Never throws: a file that cannot be read is
 * named so.
 */
export function examine(examination: Examination): Examined {
  const { content, reader } = examination;
  try {
    const source = readSource(content, reader);
    if (reader === 'sql') {
      return { ok: true, record: encodeRecord(extractSql(source)), ast: {} };
    }
    const record = examination.record ? encodeRecord(extractFile(source, reader, examination.part)) : null;
    if (terms === null || termsOf(examination.ast, reader).length === 0) return { ok: true, record, ast: {} };
    termsText += source.text.length;
    return { ok: true, record, ast: terms.astLines(source, reader, examination.ast) };
  } catch (error) {
    return { ok: false, reason: `not parsed: ${error instanceof Error ? error.message : String(error)}` };
  }
}
