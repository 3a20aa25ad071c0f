import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { ClientLeft } from '../http/client-left.js';
import { isFault, retryHeaders, toProblem } from './problem.js';

/** Every error leaves the API as application/problem+json. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (error instanceof ClientLeft) return;
    const problem = toProblem(error);
    if (isFault(error)) this.logger.error({ err: error }, 'a request failed');
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.sent) return;
    void reply
      .status(problem.status)
      .headers({ 'content-type': 'application/problem+json', ...retryHeaders(error) })
      .send(JSON.stringify(problem));
  }
}
