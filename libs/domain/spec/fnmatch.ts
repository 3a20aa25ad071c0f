import { literal, matchWildcards, STAR, type WildcardToken } from './wildcard.js';

/**
 * Compiles a pattern of the older profile format: `*`, `?`, `[seq]` and `[!seq]` over the whole path, `/` being a
 * character like any other. There are no escapes; a bracket that never closes is itself.
 */
export function compileFnmatch(pattern: string): (path: string) => boolean {
  const characters = [...pattern];
  const tokens: WildcardToken[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    const end = character === '[' ? closingBracket(characters, at) : -1;
    if (character === '*') {
      if (tokens.at(-1) !== STAR) tokens.push(STAR);
    } else if (character === '?') tokens.push(() => true);
    else if (end < 0) tokens.push(literal(character));
    else {
      tokens.push(setOf(characters.slice(at + 1, end)));
      at = end;
    }
  }
  return (path) => matchWildcards(tokens, [...path]);
}

/** A `]` right after the `[` or `[!` belongs to the set. */
function closingBracket(characters: readonly string[], open: number): number {
  const first = open + (characters[open + 1] === '!' ? 2 : 1);
  return characters.indexOf(']', first + (characters[first] === ']' ? 1 : 0));
}

/** A range that runs backwards holds nothing. */
function setOf(written: readonly string[]): WildcardToken {
  const negated = written[0] === '!';
  const members = negated ? written.slice(1) : written;
  const ranges: (readonly [number, number])[] = [];
  for (let at = 0; at < members.length; at += 1) {
    const from = codeOf(members[at]);
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    ranges.push([from, isRange ? codeOf(members[at + 2]) : from]);
    if (isRange) at += 2;
  }
  return (character) => {
    const code = codeOf(character);
    return ranges.some(([from, to]) => from <= code && code <= to) !== negated;
  };
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0;
}
