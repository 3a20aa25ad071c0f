import { createHmac } from 'node:crypto';
import { isSecret } from './secret.js';

/** How a browser gets to the job dashboard: it shows the token once and is given a cookie that can only read there. */

/** True for `/jobs?token=<the token>`, and for no path below. */
export function isSignIn(url: string, token: string): boolean {
  const mark = url.indexOf('?');
  if (mark < 0 || !/^\/jobs\/?$/.test(url.slice(0, mark))) return false;
  return isSecret(new URLSearchParams(url.slice(mark)).get('token') ?? undefined, token);
}

/** Browsers send it to `/jobs` only, no script reads it, and no other site's page makes them send it. */
export function jobsCookie(token: string, port: number | undefined): string {
  return `${nameFor(port)}=${valueFor(token)}; Path=/jobs; HttpOnly; SameSite=Strict`;
}

export function showsJobsCookie(
  header: string | undefined,
  token: string,
  port: number | undefined,
): boolean {
  const prefix = `${nameFor(port)}=`;
  const values = (header ?? '').split(/;\s*/).filter((pair) => pair.startsWith(prefix));
  return values.some((pair) => isSecret(pair.slice(prefix.length), valueFor(token)));
}

/** Browsers keep one jar for all ports of a host: each installation has a name of its own there. */
function nameFor(port: number | undefined): string {
  return `planwright_jobs_${port ?? 0}`;
}

/** Follows from the token and does not give it away: who steals the cookie can read jobs, and change nothing. */
function valueFor(token: string): string {
  return createHmac('sha256', token).update('planwright job dashboard').digest('base64url');
}
