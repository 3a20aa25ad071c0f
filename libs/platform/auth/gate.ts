import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#domain/domain-error.js';
import { toProblem } from '../errors/problem.js';
import { HUB_REALM, hubClientOf, isHubRequest } from './hub-gate.js';
import { isSignIn, jobsCookie, showsJobsCookie } from './jobs-sign-in.js';
import { isSecret } from './secret.js';

const LOCAL_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface GateOptions {
  /** Opens the hubs, and nothing else; without it nobody comes to them. */
  readonly workerToken?: string;
  /** Names of this server besides its loopback ones: `name`, with the server's port or none, or `name:port`. */
  readonly allowedHosts?: readonly string[];
}

/**
 * Keeps out who does not belong, before any route is looked at: other Hosts (DNS rebinding), other Origins (web
 * pages), bodies that are not JSON (forms), whoever changes something without this installation's token, and whoever
 * reads without it from another machine. A browser, which cannot send the token as a header, signs in once for reading
 * the job dashboard: `/jobs?token=<token>`. The hubs have a token of their own, for workers.
 */
export function installGate(server: FastifyInstance, token: string, options: GateOptions = {}): void {
  const allowed = new Set((options.allowedHosts ?? []).map((name) => name.toLowerCase()));
  server.removeContentTypeParser('text/plain');
  server.addHook('onRequest', async (request, reply) => {
    const refusal =
      addressRefusal(request, allowed) ??
      (isHubRequest(request)
        ? hubRefusal(request, token, options.workerToken)
        : tokenRefusal(request, token));
    if (refusal !== null) await refuse(reply, refusal, isHubRequest(request));
    else if (READS.has(request.method) && isSignIn(request.url, token)) await signIn(request, reply, token);
  });
}

function addressRefusal(request: FastifyRequest, allowed: ReadonlySet<string>): DomainError | null {
  const { host, origin } = request.headers;
  const port = request.socket.localPort;
  if (!isLocal(host, port) && !isAllowed(host, port, allowed)) {
    return new DomainError('forbidden', `Host ${JSON.stringify(host ?? '')} is not this server's.`, {
      remedy: `Use http://127.0.0.1:${port}, or list the name in PLANWRIGHT_ALLOWED_HOSTS of the API.`,
    });
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return new DomainError('forbidden', `Origin ${JSON.stringify(origin)} may not talk to this server.`);
  }
  return null;
}

function hubRefusal(
  { headers }: FastifyRequest,
  user: string,
  worker: string | undefined,
): DomainError | null {
  if (worker !== undefined && hubClientOf(headers.authorization, { worker, user }) !== null) return null;
  return new DomainError('unauthorized', 'The hub needs the token of a worker.', {
    remedy:
      'Set PLANWRIGHT_WORKER_TOKEN of the worker to what the file `worker-token` of the data folder of the API holds.',
  });
}

function tokenRefusal(request: FastifyRequest, token: string): DomainError | null {
  if (!needsToken(request)) return null;
  if (!isBearer(request, token) && !maySeeJobs(request, token)) {
    const browser = READS.has(request.method) ? ' A browser opens /jobs?token=<token> once.' : '';
    return new DomainError('unauthorized', 'This needs the token of this installation.', {
      remedy: `Send "Authorization: Bearer <token>"; the token is in the file \`token\` of the data folder.${browser}`,
    });
  }
  return bodyRefusal(request);
}

/** Everything that changes something, the job dashboard, however its path is spelt, and all that comes from elsewhere. */
function needsToken({ method, url, routeOptions, headers, socket }: FastifyRequest): boolean {
  if (!READS.has(method)) return true;
  if (!isLoopback(socket.remoteAddress) || !isLocal(headers.host, socket.localPort)) return true;
  return [routeOptions.url ?? '', plainPath(url)].some((path) => /^\/jobs(\/|$)/i.test(path));
}

/** The path as a router reads it: decoded, without host, query and fragment. */
function plainPath(url: string): string {
  try {
    return decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return url;
  }
}

function bodyRefusal({ headers }: FastifyRequest): DomainError | null {
  const type = headers['content-type'];
  if (type === undefined || /^application\/json\s*(;|$)/i.test(type)) return null;
  return new DomainError('unsupported_media_type', `Content-Type ${JSON.stringify(type)} is not accepted.`, {
    remedy: 'Send JSON with Content-Type: application/json.',
  });
}

function isLocal(host: string | undefined, port: number | undefined): boolean {
  const match = /^(\[[0-9a-f:]+\]|[^:]+):(\d+)$/i.exec(host ?? '');
  return match !== null && LOCAL_NAMES.has((match[1] ?? '').toLowerCase()) && Number(match[2]) === port;
}

function isAllowed(
  host: string | undefined,
  port: number | undefined,
  allowed: ReadonlySet<string>,
): boolean {
  const name = (host ?? '').toLowerCase();
  return allowed.has(name) || allowed.has(name.replace(new RegExp(`:${port}$`), ''));
}

function isLoopback(address: string | undefined): boolean {
  return /^(::ffff:)?127\./.test(address ?? '') || address === '::1';
}

function isBearer({ headers }: FastifyRequest, token: string): boolean {
  return isSecret(/^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1], token);
}

/** What a browser may without the header: read. Of all that may be read, only the job dashboard asks for the token. */
function maySeeJobs({ method, url, headers, socket }: FastifyRequest, token: string): boolean {
  if (!READS.has(method)) return false;
  return isSignIn(url, token) || showsJobsCookie(headers.cookie, token, socket.localPort);
}

/** The token leaves the address bar at once, and no page or cache is told where it stood. */
async function signIn({ socket }: FastifyRequest, reply: FastifyReply, token: string): Promise<void> {
  await reply
    .status(303)
    .header('set-cookie', jobsCookie(token, socket.localPort))
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-store')
    .header('location', '/jobs')
    .send();
}

async function refuse(reply: FastifyReply, error: DomainError, hub: boolean): Promise<void> {
  const problem = toProblem(error);
  if (hub && error.code === 'unauthorized') reply.header('www-authenticate', `Basic realm="${HUB_REALM}"`);
  await reply
    .status(problem.status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(problem));
}
