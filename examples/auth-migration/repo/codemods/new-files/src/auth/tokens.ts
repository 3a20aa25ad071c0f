import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Caller } from './caller.ts';
import { scopesOf } from './scopes.ts';
import type { Scope } from './scopes.ts';

/** What a token says about its bearer. */
export interface Claims extends Caller {
  scopes: Scope[];
  /** In seconds since 1970. */
  expiresAt: number;
}

/** One shift. */
const LIFETIME = 8 * 60 * 60;

/** A signed token that is good for one shift. `now` is in seconds since 1970. */
export function issueToken({ userId, role }: Caller, secret: string, now: number): string {
  const claims: Claims = { userId, role, scopes: scopesOf(role), expiresAt: Math.floor(now) + LIFETIME };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${payload}.${signatureOf(payload, secret)}`;
}

/** What the token says, or undefined when it is forged, damaged or too old. */
export function verifyToken(token: string, secret: string, now: number): Claims | undefined {
  const [payload, signature = ''] = token.split('.');
  if (!isSameText(signature, signatureOf(payload, secret))) return undefined;

  const claims: Claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return claims.expiresAt > now ? claims : undefined;
}

function signatureOf(payload: string, secret: string): string {
  return createHmac('sha256', secret).update(payload).digest('base64url');
}

/** Takes the same time wherever the texts differ. */
function isSameText(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
