import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { FastifyInstance } from 'fastify';
import { STAGE_QUEUE } from '#contracts/queue/jobs.js';
import { DomainError } from '#domain/domain-error.js';
import { toProblem } from '#platform/errors/problem.js';
import type { QueueBackend } from '#queue/queue-backend.js';
import type { JobReader } from '#store/queries/job-reader.js';
import { jobPage } from './job-page.js';

const PATH = '/jobs';

/**
 * The job dashboard, and the page from a job to its plan, task and attempt. It shows and changes nothing: whether work
 * is done again is decided in the store, never by a queue. The gate keeps everything below the path behind the token.
 *
 * @returns what closes its queues
 */
export function installJobBoard(
  server: FastifyInstance,
  backend: QueueBackend,
  reader: JobReader,
): () => Promise<void> {
  const queues = [...new Set(Object.values(STAGE_QUEUE))].map((name) => backend.queue(name));
  const serverAdapter = new FastifyAdapter();
  createBullBoard({
    queues: queues.map(
      (queue) => new BullMQAdapter(queue as BoardQueue, { readOnlyMode: true, externalJobUrl }),
    ),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Planwright jobs', miscLinks: [{ text: 'API', url: '/api/docs' }] } },
  });
  serverAdapter.setBasePath(PATH);
  server.register(serverAdapter.registerPlugin(), { prefix: PATH });
  server.get<{ Params: { reference: string } }>(`${PATH}/of/:reference`, async ({ params }, reply) => {
    const attempts = await reader.attempts(params.reference);
    if (attempts.length > 0) return reply.type('text/html; charset=utf-8').send(jobPage(attempts));
    const reference = JSON.stringify(params.reference);
    const problem = toProblem(new DomainError('not_found', `No attempt belongs to ${reference}.`));
    return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });
  return async () => {
    await Promise.all(queues.map((queue) => queue.close()));
  };
}

/** The backend's queues are BullMQ's own; only this dashboard needs more of them than the engine does. */
type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0];

function externalJobUrl({ data }: { readonly data?: unknown }): { displayText: string; href: string } {
  const id = (data as { readonly id?: unknown } | null | undefined)?.id;
  const reference = typeof id === 'string' ? id : 'unknown';
  return { displayText: 'Plan, task and attempt', href: `${PATH}/of/${encodeURIComponent(reference)}` };
}
