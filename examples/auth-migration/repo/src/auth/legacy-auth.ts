import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { config } from '../config.ts';
import { httpError } from '../http/exchange.ts';
import type { Role } from '../store.ts';
import type { Caller } from './caller.ts';

const COOKIE_NAME = 'harbour_session';

/**
 * Who is calling, by the session cookie.
 *
 * The cookie never expires, and an MD5 checksum with a shared secret is all that protects it.
 */
export function legacyAuth(req: IncomingMessage): Caller {
  const [userId, role, checksum] = readCookie(req).split('.');
  if (!isRole(role) || checksum !== checksumOf({ userId, role })) throw httpError(401, 'Sign in first.');
  return { userId, role };
}

/** The `set-cookie` header that signs a person in. */
export function sessionCookie(caller: Caller): string {
  return `${COOKIE_NAME}=${caller.userId}.${caller.role}.${checksumOf(caller)}; Path=/; HttpOnly`;
}

function checksumOf({ userId, role }: Caller): string {
  return createHash('md5').update(`${userId}:${role}:${config.sessionSecret}`).digest('hex');
}

function readCookie(req: IncomingMessage): string {
  const cookies = (req.headers.cookie ?? '').split('; ');
  const session = cookies.find((cookie) => cookie.startsWith(`${COOKIE_NAME}=`));
  return session?.slice(COOKIE_NAME.length + 1) ?? '';
}

function isRole(text: string | undefined): text is Role {
  return text === 'clerk' || text === 'manager';
}
