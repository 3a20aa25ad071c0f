import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { DomainError } from '#domain/domain-error.js';
import { canonicalHash } from '#engine/canonical.js';
import { IdempotencyKeys, type KeyedRequest } from '#store/idempotency.js';
import { OWNER_ID } from '../tokens.js';

/**
 * Lets a client repeat a POST whose answer it never saw: the same key with the same body gives the answer of the
 * first. A refusal is not kept, it changed nothing; a fault of ours is held back, it may have.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    @Inject(IdempotencyKeys) private readonly keys: IdempotencyKeys,
    @Inject(OWNER_ID) private readonly actorId: string,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const { method, url, headers, body } = http.getRequest<FastifyRequest>();
    const key = headers['idempotency-key'];
    if (method !== 'POST' || key === undefined) return next.handle();
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) {
      throw new DomainError('invalid', 'The Idempotency-Key cannot be used.', {
        remedy: 'Send one key of at most 200 visible ASCII characters, such as a UUID.',
        problems: [{ path: 'Idempotency-Key', message: 'must be 1 to 200 visible ASCII characters' }],
      });
    }
    const request = { actorId: this.actorId, route: `${method} ${url}`, key, bodyHash: canonicalHash(body) };
    return from(this.answer(request, http.getResponse<FastifyReply>(), next));
  }

  private async answer(request: KeyedRequest, reply: FastifyReply, next: CallHandler): Promise<unknown> {
    const begun = await this.keys.begin(request);
    switch (begun.kind) {
      case 'other':
        throw new DomainError('invalid', `Idempotency-Key ${request.key} was used for another body.`, {
          remedy: 'Use a new key for a new request.',
          problems: [{ path: 'Idempotency-Key', message: 'belongs to a request with another body' }],
        });
      case 'running':
        throw new DomainError(
          'conflict',
          `The request with Idempotency-Key ${request.key} is still running.`,
          {
            remedy: 'Send it again in a moment for its answer.',
          },
        );
      case 'done':
        void reply.status(begun.status).header('idempotent-replayed', 'true');
        return begun.response;
      case 'begun':
        return this.first(request, reply, next);
    }
  }

  private async first(request: KeyedRequest, reply: FastifyReply, next: CallHandler): Promise<unknown> {
    let response: unknown;
    try {
      response = await lastValueFrom(next.handle());
    } catch (error) {
      if (error instanceof DomainError) await this.keys.forget(request);
      throw error;
    }
    await this.keys.finish(request, { status: reply.statusCode, response });
    return response;
  }
}
