import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { DomainError } from '#domain/domain-error.js';
import type { HubCall, HubServer, HubService } from '#git/hub-server.js';
import { hubClientOf, type HubClient, type HubSecrets } from '#platform/auth/hub-gate.js';
import { isFault, retryHeaders, toProblem } from '#platform/errors/problem.js';

/** Refs that a push may change, by who pushes: the engine's own, or where a person's work is handed in. */
const WRITABLE: { readonly [C in HubClient]: readonly string[] } = {
  worker: ['refs/planwright', 'refs/heads/planwright'],
  user: ['refs/planwright/submissions'],
};

const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const REFS = new RegExp(`^/hub/(${ID})\\.git/info/refs\\?service=(git-(?:upload|receive)-pack)$`);
const PACK = new RegExp(`^/hub/(${ID})\\.git/(git-(?:upload|receive)-pack)$`);
const PROTOCOL = /^version=[0-2](?::[\w=-]{1,100})*$/;
/** Both ends say something every few seconds, also while they only compute. */
const SILENCE_MS = 180_000;

/**
 * The hubs over git's smart HTTP, below `/hub/<repository>.git`; git's older protocol, which hands out files, is not
 * served. The gate has let in only who shows a token for them.
 */
export function installHub(
  server: FastifyInstance,
  hubs: HubServer,
  secrets: HubSecrets,
  logger: Logger,
): void {
  server.register((scope, _options, done) => {
    // Bodies are git's and are streamed: nothing parses or collects them.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
    scope.all('/hub/*', async (request, reply) => {
      try {
        await answer(request, reply, hubs, secrets);
      } catch (error) {
        refuse(request.raw, reply.raw, error, logger);
      }
    });
    done();
  });
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  hubs: HubServer,
  secrets: HubSecrets,
): Promise<void> {
  reply.hijack();
  const { raw: incoming } = request;
  const { raw: outgoing } = reply;
  const client = hubClientOf(request.headers.authorization, secrets);
  const route = client === null ? null : routeOf(incoming);
  if (client === null || route === null) throw new DomainError('not_found', 'There is no such hub address.');
  const gone = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  request.socket.setTimeout(SILENCE_MS, () => request.socket.destroy());
  outgoing.once('finish', () => request.socket.setTimeout(0));
  const { status, headers, body } = await hubs.serve({
    ...route,
    writable: WRITABLE[client],
    headers: headersOf(incoming),
    body: incoming,
    gone: gone.signal,
  });
  if (gone.signal.aborted) {
    body.resume();
    return;
  }
  outgoing.writeHead(status, Object.fromEntries(headers));
  body.pipe(outgoing);
}

function routeOf({
  method,
  url = '',
}: IncomingMessage): Pick<HubCall, 'repositoryId' | 'service' | 'step'> | null {
  const step = { GET: 'refs', POST: 'pack' }[method ?? ''] as HubCall['step'] | undefined;
  if (step === undefined) return null;
  const [, repositoryId, service] = (step === 'refs' ? REFS : PACK).exec(url) ?? [];
  if (repositoryId === undefined || service === undefined) return null;
  return { repositoryId, service: service as HubService, step };
}

function headersOf({ headers }: IncomingMessage): HubCall['headers'] {
  const protocol = headers['git-protocol'];
  const encoding = headers['content-encoding'];
  return {
    type: headers['content-type'],
    encoding: encoding === 'gzip' || encoding === 'x-gzip' ? encoding : undefined,
    length: headers['content-length'],
    protocol: typeof protocol === 'string' && PROTOCOL.test(protocol) ? protocol : undefined,
  };
}

/** What is left of the body is not waited for: the connection ends with the answer. */
function refuse(incoming: IncomingMessage, outgoing: ServerResponse, error: unknown, logger: Logger): void {
  const problem = toProblem(error);
  if (isFault(error)) logger.error({ err: error }, 'a request to a hub failed');
  if (outgoing.headersSent || outgoing.destroyed) {
    outgoing.destroy();
    return;
  }
  incoming.resume();
  outgoing.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    connection: 'close',
    ...retryHeaders(error),
  });
  outgoing.end(JSON.stringify(problem));
}
