import { compileRegex, readRegex, remembered, type CompiledTerm } from './term.js';

interface NamePart {
  readonly text: string;
  /** Quoted names keep their case. */
  readonly quoted: boolean;
}

const QUOTED = '"[^"]+"|`[^`]+`|\\[[^\\]]+\\]';
const PART = new RegExp(`(?:${QUOTED}|[^\\s.,;()"'\`\\[\\]]+)`, 'y');
/** What a name without quotes is made of. */
const PLAIN = /^[\p{L}_$#@][\p{L}\p{N}_$#@-]*$/u;

/**
 * Compiles a term for tables: `orders` is any schema's, `public.orders` only that one's. Case counts in quotes only.
 * A regex is held against the name without its quotes.
 */
export function compileTableTerm(text: string): CompiledTerm {
  const regex = readRegex(text);
  if (regex !== null) return compileRegex(text, regex, (value) => showName(value));
  const term = readName(text);
  if (term === null || term.some((part) => !part.quoted && !PLAIN.test(part.text))) {
    const message = `'${text}' is not the name of a table: write orders, public.orders, "Orders" or a /regex/`;
    return { ok: false, message };
  }
  return { ok: true, term: { text, matches: remembered((value) => endsWith(nameOf(value), term)) } };
}

function endsWith(name: readonly NamePart[], term: readonly NamePart[]): boolean {
  const offset = name.length - term.length;
  return offset >= 0 && term.every((part, index) => samePart(part, name[offset + index]));
}

function samePart(term: NamePart, found: NamePart | undefined): boolean {
  if (found === undefined) return false;
  return term.quoted ? term.text === found.text : term.text.toLowerCase() === found.text.toLowerCase();
}

/** A value that is no name in its own right is one part, as it stands. */
function nameOf(value: string): readonly NamePart[] {
  return readName(value) ?? [{ text: value, quoted: false }];
}

function showName(value: string): string {
  return nameOf(value)
    .map((part) => part.text)
    .join('.');
}

function readName(written: string): NamePart[] | null {
  const parts: NamePart[] = [];
  for (let at = 0; ; at += 1) {
    PART.lastIndex = at;
    const part = PART.exec(written)?.[0];
    if (part === undefined) return null;
    const quoted = /^["`[]/.test(part);
    parts.push({ text: quoted ? part.slice(1, -1) : part, quoted });
    at += part.length;
    if (at === written.length) return parts;
    if (written[at] !== '.') return null;
  }
}
