import { createHash } from 'node:crypto';
import { DomainError } from '#domain/domain-error.js';

const CHECK_LENGTH = 8;

/** The cursor of a list: where the next page begins, with a checksum that tells it from anything else. */
export function encodeCursor(list: string, position: string): string {
  return Buffer.from(`${checkOf(list, position)}${position}`).toString('base64url');
}

/**
 * Reads a cursor that `encodeCursor` made for the same list.
 *
 * @param shape of the positions in that list
 * @throws DomainError `invalid` for any other
 */
export function decodeCursor(list: string, cursor: string, shape: RegExp): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const position = text.slice(CHECK_LENGTH);
  if (shape.test(position) && encodeCursor(list, position) === cursor) return position;
  throw new DomainError('invalid', 'The cursor is none that this list gave.', {
    remedy: 'Send the nextCursor of the page before, or none for the first page.',
    problems: [{ path: 'cursor', message: 'is not a cursor of this list' }],
  });
}

function checkOf(list: string, position: string): string {
  return createHash('sha256').update(`${list}\0${position}`).digest('base64url').slice(0, CHECK_LENGTH);
}
