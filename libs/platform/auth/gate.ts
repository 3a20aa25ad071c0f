import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#domain/domain-error.js';
import { toProblem } from '../errors/problem.js';
import { isSignIn, jobsCookie, showsJobsCookie } from './jobs-sign-in.js';
import { isSecret } from './secret.js';

const LOCAL_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Keeps out who does not belong, before any route is looked at: other Hosts (DNS rebinding), other Origins (web
 * pages), bodies that are not JSON (forms), and whoever changes something without this installation's token. A browser,
 * which cannot send the token as a header, signs in once for reading the job dashboard: `/jobs?token=<token>`.
 */
export function installGate(server: FastifyInstance, token: string): void {
  server.removeContentTypeParser('text/plain');
  server.addHook('onRequest', async (request, reply) => {
    const refusal = findRefusal(request, token);
    if (refusal !== null) await refuse(reply, refusal);
    else if (READS.has(request.method) && isSignIn(request.url, token)) await signIn(request, reply, token);
  });
}

function findRefusal(request: FastifyRequest, token: string): DomainError | null {
  const { host, origin } = request.headers;
  const port = request.socket.localPort;
  if (!isLocal(host, port)) {
    return new DomainError('forbidden', `Host ${JSON.stringify(host ?? '')} is not this server's.`, {
      remedy: `Use http://127.0.0.1:${port}.`,
    });
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return new DomainError('forbidden', `Origin ${JSON.stringify(origin)} may not talk to this server.`);
  }
  if (!needsToken(request)) return null;
  if (!isBearer(request, token) && !maySeeJobs(request, token)) {
    const browser = READS.has(request.method) ? ' A browser opens /jobs?token=<token> once.' : '';
    return new DomainError('unauthorized', 'This needs the token of this installation.', {
      remedy: `Send "Authorization: Bearer <token>"; the token is in the file \`token\` of the data folder.${browser}`,
    });
  }
  return bodyRefusal(request);
}

/** Everything that changes something, and the job dashboard, however its path is spelt. */
function needsToken({ method, url, routeOptions }: FastifyRequest): boolean {
  if (!READS.has(method)) return true;
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

async function refuse(reply: FastifyReply, error: DomainError): Promise<void> {
  const problem = toProblem(error);
  await reply
    .status(problem.status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(problem));
}
