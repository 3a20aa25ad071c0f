import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { PROBLEM_TITLE, type ProblemView } from '#contracts/api/problem.js';
import { DomainError } from '#domain/domain-error.js';
import { toProblem } from '../errors/problem.js';

const BODY_LIMIT = 1_048_576;
/** Deeper JSON is nobody's plan, and recursive code behind this would run out of stack. */
const DEPTH_LIMIT = 100;

/** The HTTP server of the API. What it refuses before any route is a problem document too. */
export function createHttpAdapter(): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
    clientErrorHandler: (error, socket) => refuseConnection(error.code, socket),
    frameworkErrors: (error: Error, _request: unknown, reply: FastifyReply) => {
      const problem = toProblem(error);
      void reply
        .status(problem.status)
        .header('content-type', 'application/problem+json')
        .send(JSON.stringify(problem));
    },
  });
  const server = adapter.getInstance();
  refuseDeepBodies(server);
  server.server.on('checkExpectation', (_request: unknown, response: ServerResponse) => {
    const problem = unreadable(417, 'Expect asks for what this server does not do.');
    response.writeHead(problem.status, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify(problem));
  });
  return adapter;
}

/** What could not be read as HTTP has no request and no reply: the answer is written by hand. */
function refuseConnection(code: string, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) return;
  const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[code] ?? 400;
  const body = JSON.stringify(unreadable(status, `The request cannot be read: ${STATUS_CODES[status]}.`));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function unreadable(status: number, detail: string): ProblemView {
  return { type: 'urn:planwright:problem:invalid', title: PROBLEM_TITLE.invalid, status, detail };
}

function refuseDeepBodies(server: FastifyInstance): void {
  server.addHook('preHandler', async (request) => {
    if (depthExceeds(request.body, DEPTH_LIMIT))
      throw new DomainError('invalid', `The body is nested deeper than ${DEPTH_LIMIT} levels.`, {
        remedy: 'Send a flatter document.',
      });
  });
}

function depthExceeds(value: unknown, limit: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}
