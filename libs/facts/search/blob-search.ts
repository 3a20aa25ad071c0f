import type { Reader } from '../languages.js';
import { canDisguise } from '../extract/source-text.js';
import { mayHoldTables } from '../sql/may-hold-tables.js';
import type { Needle } from './required-words.js';

/** Where texts are put together: operators beside a literal, templates, formats, literals in a row. */
const SEAM = /["'`]\s*[+%]|[+%]\s*["'`]|\$\{|concat|join|format|printf|["']\s+["']/;

/** Tells by its bytes alone that a blob cannot hold a term. */
export class BlobSearch {
  private readonly words: readonly (readonly (readonly Buffer[])[])[];
  private readonly anyCase: readonly (readonly (readonly string[])[])[];
  /** Whether some term may be anywhere. */
  private readonly blind: boolean;

  /**
   * @param tables whether a table may be named in a text in lower case; null: in any
   * @param folds whether some term may be met by the text of SQL, which is put together from its parts
   */
  constructor(
    needles: readonly Needle[],
    private readonly tables: readonly (((text: string) => boolean) | null)[] = [],
    private readonly folds = false,
  ) {
    const known = needles.filter((needle) => needle !== null);
    this.blind = known.length < needles.length || tables.includes(null);
    this.words = known
      .filter((needle) => !needle.anyCase)
      .map((needle) => needle.alternatives.map((words) => words.map((word) => Buffer.from(word))));
    this.anyCase = known
      .filter((needle) => needle.anyCase)
      .map((needle) => needle.alternatives.map((words) => words.map((word) => word.toLowerCase())));
  }

  /** False is certain; true means that only a parser knows. */
  mayHold(content: Buffer, reader: Reader): boolean {
    if (this.blind) return true;
    const holds = (word: Buffer): boolean => content.includes(word);
    const found = this.words.some((alternatives) => alternatives.some((words) => words.every(holds)));
    if (found || canDisguise(content, reader)) return true;
    if (this.anyCase.length + this.tables.length === 0 && !this.folds) return false;
    const text = content.toString('latin1').toLowerCase();
    // A word of SQL may lie on both sides of a seam: no part of it has to be there whole.
    if (this.folds && SEAM.test(text) && mayHoldTables(text, reader)) return true;
    if (this.tables.some((names) => names?.(text) === true)) return true;
    if (this.anyCase.length === 0) return false;
    // Letters beyond ASCII may be the other case of one in it.
    if (/[^\0-\x7f]/.test(text)) return true;
    return this.anyCase.some((alternatives) =>
      alternatives.some((words) => words.every((word) => text.includes(word))),
    );
  }
}
