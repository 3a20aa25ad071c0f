import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#domain/domain-error.js';
import { toProblem } from '../errors/problem.js';

const LOCAL_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Keeps out who does not belong, before any route is looked at: other Hosts (DNS rebinding), other Origins (web
 * pages), bodies that are not JSON (forms), and whoever changes something without this installation's token.
 */
export function installGate(server: FastifyInstance, token: string): void {
  server.removeContentTypeParser('text/plain');
  server.addHook('onRequest', async (request, reply) => {
    const refusal = findRefusal(request, token);
    if (refusal !== null) await refuse(reply, refusal);
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
  if (!tokenMatches(request.headers.authorization, token)) {
    return new DomainError('unauthorized', 'This needs the token of this installation.', {
      remedy: 'Send "Authorization: Bearer <token>"; the token is in the file `token` of the data folder.',
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

function tokenMatches(header: string | undefined, token: string): boolean {
  const given = Buffer.from(/^Bearer (.+)$/i.exec(header ?? '')?.[1] ?? '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function refuse(reply: FastifyReply, error: DomainError): Promise<void> {
  const problem = toProblem(error);
  await reply
    .status(problem.status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(problem));
}
