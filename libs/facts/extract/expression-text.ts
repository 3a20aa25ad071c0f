import type { Grammar } from '../languages.js';
import { MAX_VALUE_LENGTH } from './mentions.js';

/** Stretches of a file that are comments, in order. */
export type Comments = readonly { readonly start: number; readonly end: number }[];

const CHAIN =
  /^#?[\p{ID_Start}_$@][\p{ID_Continue}$\u200c\u200d]*(?:\.#?[\p{ID_Start}_$][\p{ID_Continue}$\u200c\u200d]*)+$/u;
const QUOTED_KEY = /(?:\?\.)?\[ ?(['"])([A-Za-z_$][\w$]*)\1 ?\]/g;

/** Source text of an expression on one line: comments removed, white space of any length one space. */
export function expressionText(text: string, start: number, end: number, comments: Comments): string {
  const to = Math.min(end, start + 4 * MAX_VALUE_LENGTH);
  let piece = text.slice(start, to);
  for (let index = firstAfter(comments, start), shift = start; index < comments.length; index += 1) {
    const comment = comments[index];
    if (comment === undefined || comment.start >= to) break;
    const from = comment.start - shift;
    const length = Math.min(comment.end, to) - comment.start;
    piece = `${piece.slice(0, from)} ${piece.slice(from + length)}`;
    shift += length - 1;
  }
  if (/\s\s|[^\S ]|\0|^ | $/.test(piece)) piece = piece.replace(/[\s\0]+/g, ' ').trim();
  return piece.length > MAX_VALUE_LENGTH ? piece.slice(0, MAX_VALUE_LENGTH) : piece;
}

/**
 * A chain of names as one would say it: `jwt ?. sign` and, where a key is a property, `jwt['sign']` are `jwt.sign`;
 * null for what is more than names and dots.
 */
export function dottedName(expression: string, grammar: Grammar): string | null {
  let plain = expression;
  if (grammar === 'TypeScript' || grammar === 'Tsx' || grammar === 'JavaScript') {
    if (plain.includes('[')) plain = plain.replace(QUOTED_KEY, '.$2');
    if (/[?!]/.test(plain)) plain = plain.replace(/ ?(?:\?\.|! ?\.) ?/g, '.');
  }
  if (plain.includes(' ')) plain = plain.replace(/ ?\. ?/g, '.');
  return CHAIN.test(plain) ? plain : null;
}

/** The white space that a chain of calls is laid out with goes too: `app\n  .use(a)` is `app.use(a)`. */
export function withoutLayout(expression: string): string {
  return expression.includes(' ') ? expression.replace(/ (?=\??\.[\p{ID_Start}_$#<])/gu, '') : expression;
}

function firstAfter(comments: Comments, offset: number): number {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((comments[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
