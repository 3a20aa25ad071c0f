import type { FastifyRequest } from 'fastify';
import { isSecret } from './secret.js';

/** Who talks to a hub: a worker of another host, or the person whose installation this is. */
export type HubClient = 'worker' | 'user';

export interface HubSecrets {
  readonly worker: string;
  readonly user: string;
}

/** By this a worker knows that it was a hub of ours that refused it. */
export const HUB_REALM = 'Planwright hub';

/** The name that goes with the worker's token in HTTP Basic. */
const WORKER_NAME = 'worker';

/** True for whatever the router takes for a hub: its word counts, not the spelling of the address. */
export function isHubRequest({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url === '/hub/*';
}

/** Whose secret the header shows, by Basic or Bearer; null for nobody's. */
export function hubClientOf(authorization: string | undefined, secrets: HubSecrets): HubClient | null {
  const [, scheme = '', value = ''] = /^(Basic|Bearer) +(\S+)$/i.exec(authorization ?? '') ?? [];
  const basic = scheme.toLowerCase() === 'basic';
  const text = basic ? Buffer.from(value, 'base64').toString('utf8') : value;
  const colon = basic ? text.indexOf(':') : -1;
  const secret = text.slice(colon + 1);
  const named = !basic || text.slice(0, Math.max(colon, 0)) === WORKER_NAME;
  const [worker, user] = [isSecret(secret, secrets.worker), isSecret(secret, secrets.user)];
  if (worker && named) return 'worker';
  return user ? 'user' : null;
}
