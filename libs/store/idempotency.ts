import type { Database } from './database.js';
import { Prisma } from './generated/client.js';

/** One request that can be repeated: who sent it, where, under which name, and what. */
export interface KeyedRequest {
  readonly actorId: string;
  readonly route: string;
  readonly key: string;
  readonly bodyHash: string;
}

export type Begun =
  | { readonly kind: 'begun' }
  /** The same request is being answered now. */
  | { readonly kind: 'running' }
  /** The key was used for another body. */
  | { readonly kind: 'other' }
  | { readonly kind: 'done'; readonly status: number; readonly response: unknown };

/** Answers are kept this long. */
const KEEP_HOURS = 24;
/** A request that takes longer died with its process: whoever repeats it may go on. */
const ABANDONED_MINUTES = 10;

/** Requests that were answered, so that repeating one does nothing twice. */
export class IdempotencyKeys {
  constructor(private readonly db: Database) {}

  /** Claims a key, or says what became of the request that has it. One of many at once is told `begun`. */
  async begin({ actorId, route, key, bodyHash }: KeyedRequest): Promise<Begun> {
    await this.db.$executeRaw`
      DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(hours => ${KEEP_HOURS}::int)`;
    const claimed = await this.db.$executeRaw`
      INSERT INTO idempotency_keys AS known (actor_id, route, key, body_hash)
      VALUES (${actorId}::uuid, ${route}, ${key}, ${bodyHash})
      ON CONFLICT (actor_id, route, key) DO UPDATE SET created_at = now()
      WHERE known.status IS NULL AND known.body_hash = excluded.body_hash
        AND known.created_at < now() - make_interval(mins => ${ABANDONED_MINUTES}::int)`;
    if (claimed === 1) return { kind: 'begun' };
    const row = await this.db.idempotencyKey.findUnique({
      where: { actorId_route_key: { actorId, route, key } },
    });
    if (row === null) return { kind: 'running' };
    if (row.bodyHash !== bodyHash) return { kind: 'other' };
    if (row.status === null) return { kind: 'running' };
    return { kind: 'done', status: row.status, response: row.response };
  }

  /** Keeps the answer of a request that was begun. */
  async finish(request: KeyedRequest, answer: { status: number; response: unknown }): Promise<void> {
    const { actorId, route, key } = request;
    await this.db.idempotencyKey.update({
      where: { actorId_route_key: { actorId, route, key } },
      data: {
        status: answer.status,
        response: (answer.response ?? Prisma.JsonNull) as Prisma.InputJsonValue,
      },
    });
  }

  /** Lets go of a request that was refused: it changed nothing, and may be sent again. */
  async forget({ actorId, route, key }: KeyedRequest): Promise<void> {
    await this.db.idempotencyKey.deleteMany({ where: { actorId, route, key, status: null } });
  }
}
