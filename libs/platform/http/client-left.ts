import type { FastifyReply } from 'fastify';

/** Whoever asked has gone: nobody waits for the answer, and nothing has failed. */
export class ClientLeft extends Error {
  constructor() {
    super('The client left before its answer.');
    this.name = 'ClientLeft';
  }
}

/** Ends when whoever asked has gone, with `ClientLeft` as its reason: for work that nobody wants then. */
export function whileClientWaits({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController();
  const leave = (): void => left.abort(new ClientLeft());
  if (raw.closed) leave();
  else raw.once('close', leave);
  return left.signal;
}
