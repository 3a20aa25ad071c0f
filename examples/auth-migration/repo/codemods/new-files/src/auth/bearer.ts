import type { IncomingMessage } from 'node:http';
import { config } from '../config.ts';
import { httpError } from '../http/exchange.ts';
import type { Caller } from './caller.ts';
import type { Scope } from './scopes.ts';
import { verifyToken } from './tokens.ts';

/** Who is calling, by the bearer token, which must allow the scope. */
export function authenticate(req: IncomingMessage, scope: Scope): Caller {
  const [scheme, token = ''] = (req.headers.authorization ?? '').split(' ');
  const claims = scheme === 'Bearer' ? verifyToken(token, config.tokenSecret, Date.now() / 1000) : undefined;
  if (claims === undefined) throw httpError(401, 'Sign in first.');
  if (!claims.scopes.includes(scope)) throw httpError(403, `This takes the scope ${scope}.`);
  return { userId: claims.userId, role: claims.role };
}
