import { RE2JS } from 're2js';
import { MAX_REGEX_PROGRAM, remembered, type CompiledTerm } from './term.js';

const MAX_LENGTH = 10_000;
const WORD = '\\p{L}\\p{N}_';
/** What other engines accept and RE2 does not: taken for broken, it would silently match nothing. */
const BEYOND_RE2 = /\(\?(?:<?[=!]|P=|\(|>)|\\[1-9]|\{\d{4,}|\\[ZGkX]/;

/**
 * Compiles a term as the older profile format reads it: `/x/` is a regex, or, where it is none, its own text with the
 * slashes; any other term stands between word boundaries. Case never counts, and a hit is anywhere in the value.
 */
export function compileAuditorTerm(text: string): CompiledTerm {
  if (text.length > MAX_LENGTH)
    return { ok: false, message: `a term may have at most ${MAX_LENGTH} characters` };
  const isRegex = text.length > 2 && text.startsWith('/') && text.endsWith('/');
  const source = text.slice(1, -1);
  const found = isRegex ? compile(source) : compile(betweenBoundaries(text));
  if (found === null && isRegex && BEYOND_RE2.test(source)) {
    const message = `${text} asks for what no engine finds in linear time (a lookaround, a backreference, a huge repeat)`;
    return { ok: false, message };
  }
  if (isRegex && found !== null && found.programSize() > MAX_REGEX_PROGRAM)
    return { ok: false, message: `${text} stands for too much: lessen its counted repeats` };
  const pattern = found ?? compile(RE2JS.quote(text));
  if (pattern === null) return { ok: false, message: `${text} cannot be compiled` };
  return { ok: true, term: { text, matches: remembered((value) => pattern.test(value)) } };
}

function compile(source: string): RE2JS | null {
  try {
    return RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
  } catch {
    return null;
  }
}

/** A boundary lies between a letter of any script and anything else; RE2's own knows ASCII only. */
function betweenBoundaries(text: string): string {
  const characters = [...text];
  const before = isWord(characters[0]) ? `(?:^|[^${WORD}])` : `[${WORD}]`;
  const after = isWord(characters.at(-1)) ? `(?:$|[^${WORD}])` : `[${WORD}]`;
  return `${before}${RE2JS.quote(text)}${after}`;
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}
