/** Any number of characters, none included. */
export const STAR = Symbol('star');

/** A star, or what one character has to be. */
export type WildcardToken = typeof STAR | ((character: string) => boolean);

/** The token that is this character. */
export function literal(expected: string): WildcardToken {
  return (character) => character === expected;
}

/** Whether the whole text matches: only the last star ever needs to be taken back, so it is quadratic at worst. */
export function matchWildcards(pattern: readonly WildcardToken[], text: string | readonly string[]): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const token = pattern[p];
    if (token === STAR) {
      star = p;
      resume = t;
      p += 1;
    } else if (token?.(text[t] ?? '') === true) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      resume += 1;
      t = resume;
    } else return false;
  }
  while (pattern[p] === STAR) p += 1;
  return p === pattern.length;
}
