import type { AstTerm, Term } from '#domain/spec/spec.js';

/** Words that a file must hold, all of one of these lists; null where nothing can be said. */
export type Needle = {
  readonly alternatives: readonly (readonly string[])[];
  readonly anyCase: boolean;
} | null;

const WORD = /[\p{L}\p{N}\p{M}_$\u200c\u200d]+/gu;
const META_VARIABLE = /\$+[A-Za-z_0-9]*/g;

/**
 * What a file must say for a term to be able to match one of its values. Values are pieces of source text in which
 * only white space, comments and punctuation differ: each word of a value stands in the file as it is.
 */
export function needleOf(term: Term, semantics: 'strict' | 'auditor'): Needle {
  const regex = /^\/(.+)\/([a-z]*)$/su.exec(term.text);
  if (semantics === 'auditor') {
    // Written between slashes it is a regex if it is a valid one; anything else is found in any case, anywhere.
    if (term.text.startsWith('/') || /[\\^$*+?()[\]{}|]/.test(term.text)) return null;
    return literal(term.text, true);
  }
  if (regex === null) return literal(term.text, false);
  const words = wordsOfRegex(regex[1] ?? '');
  return words === null ? null : checked(words, (regex[2] ?? '').includes('i'));
}

/**
 * Finds what a file must say for a table to be named in it: the name in any case, or a beginning of it where a literal
 * ends and an end of it where one begins, since names are put together from literals; null where nothing can be said.
 */
export function tablePattern(term: Term, semantics: 'strict' | 'auditor'): RegExp | null {
  const name = term.text.split('.').at(-1) ?? '';
  if (semantics === 'auditor' || !/^\w+$/.test(name)) return null;
  const parts = (of: (length: number) => string) =>
    Array.from({ length: name.length - 1 }, (_, index) => of(index + 1)).join('|');
  const begins = `(?:${parts((length) => name.slice(0, length))})(?:['"\`\\\\%{]|\\$\\{)`;
  const ends = `(?:['"\`}]|%[sdvq])(?:${parts((length) => name.slice(length))})`;
  const joined = name.length < 2 ? '' : `|^(?=[^]*${begins})(?=[^]*${ends})`;
  return new RegExp(`${name}|\\\\[xuUN0-7]${joined}`, 'i');
}

/** What a file must say for an ast-grep pattern to match; of a rule nothing is known. */
export function needleOfAst(term: AstTerm): Needle {
  if (term.pattern === undefined || /\/\/|\/\*|#/.test(term.pattern)) return null;
  return literal(term.pattern.replace(META_VARIABLE, ' '), false);
}

function literal(text: string, anyCase: boolean): Needle {
  return checked([text.match(WORD) ?? []], anyCase);
}

function checked(alternatives: readonly (readonly string[])[], anyCase: boolean): Needle {
  if (alternatives.some((words) => words.length === 0)) return null;
  // How letters beyond ASCII change their case, and what a broken byte reads as, is not for a search of bytes.
  const unsafe = anyCase ? /[^\0-\x7f]/ : /\ufffd/;
  if (alternatives.some((words) => words.some((word) => unsafe.test(word)))) return null;
  return { alternatives, anyCase };
}

/**
 * Words that every match of a regex holds, by alternative at its top level. Only what is certain: groups and classes
 * say nothing, and what this reader does not know makes it give up.
 */
export function wordsOfRegex(source: string): string[][] | null {
  const alternatives: string[][] = [];
  let pieces = '';
  const characters = [...source];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (character === '|') {
      alternatives.push(wordsIn(pieces));
      pieces = '';
    } else if (character === '(' || character === '[') {
      const end = character === '(' ? endOfGroup(characters, at) : endOfClass(characters, at);
      if (end === null) return null;
      pieces += BREAK;
      at = end;
    } else if (character === '?' || character === '*') {
      pieces = `${dropLast(pieces)}${BREAK}`;
    } else if (character === '{') {
      const end = characters.indexOf('}', at);
      if (end < 0) return null;
      pieces = `${dropLast(pieces)}${BREAK}`;
      at = end;
    } else if (character === '\\') {
      const next = characters[at + 1] ?? '';
      if (/[wWdDsSbB]/.test(next)) pieces += BREAK;
      else if (/^[^\p{L}\p{N}\s]$/u.test(next)) pieces += next;
      else return null;
      at += 1;
    } else if (character === ')' || character === ']' || character === '}') return null;
    else pieces += /[.^$+]/.test(character) ? BREAK : character;
  }
  alternatives.push(wordsIn(pieces));
  return alternatives.some((words) => words.length === 0) ? null : alternatives;
}

/** Stands where any text may be: what is beside it may be part of a longer word. */
const BREAK = '\0';

function wordsIn(pieces: string): string[] {
  return pieces.match(WORD) ?? [];
}

function dropLast(pieces: string): string {
  return [...pieces].slice(0, -1).join('');
}

function endOfGroup(characters: readonly string[], start: number): number | null {
  let depth = 0;
  for (let at = start; at < characters.length; at += 1) {
    const character = characters[at];
    if (character === '\\') {
      if (/[QE]/.test(characters[at + 1] ?? 'Q')) return null;
      at += 1;
    } else if (character === '[') {
      const end = endOfClass(characters, at);
      if (end === null) return null;
      at = end;
    } else if (character === '(') {
      // A flag may change how the rest is read.
      if (characters[at + 1] === '?' && characters[at + 2] !== ':') return null;
      depth += 1;
    } else if (character === ')' && (depth -= 1) === 0) return at;
  }
  return null;
}

function endOfClass(characters: readonly string[], start: number): number | null {
  for (let at = start + 1; at < characters.length; at += 1) {
    const character = characters[at];
    if (character === '[') return null;
    if (character === '\\') at += 1;
    else if (character === ']') {
      const first = at === start + 1 || (at === start + 2 && characters[start + 1] === '^');
      return first ? null : at;
    }
  }
  return null;
}
