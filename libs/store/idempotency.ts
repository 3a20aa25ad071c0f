import type { Sql } from './sql.js';

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

/** Also deletes what is too old, but for rows that others hold, and the own one, which is begun anew. */
const BEGIN = `
  WITH forgotten AS (
    DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM idempotency_keys
       WHERE created_at < now() - interval '${KEEP_HOURS} hours' AND (actor_id, route, key) <> ($1, $2, $3)
         FOR UPDATE SKIP LOCKED)))
  INSERT INTO idempotency_keys AS known (actor_id, route, key, body_hash) VALUES ($1, $2, $3, $4)
  ON CONFLICT (actor_id, route, key)
  DO UPDATE SET created_at = now(), body_hash = excluded.body_hash, status = NULL, response = NULL
  WHERE known.created_at < now() - interval '${KEEP_HOURS} hours'
     OR (known.status IS NULL AND known.body_hash = excluded.body_hash
         AND known.created_at < now() - interval '${ABANDONED_MINUTES} minutes')
  RETURNING true AS begun`;

const KNOWN = `SELECT body_hash AS "bodyHash", status, response FROM idempotency_keys
  WHERE actor_id = $1 AND route = $2 AND key = $3`;

interface KnownRow {
  readonly bodyHash: string;
  readonly status: number | null;
  readonly response: unknown;
}

/** Requests that were answered, so that repeating one does nothing twice. */
export class IdempotencyKeys {
  constructor(private readonly sql: Sql) {}

  /** Claims a key, or says what became of the request that has it. One of many at once is told `begun`. */
  async begin({ actorId, route, key, bodyHash }: KeyedRequest): Promise<Begun> {
    const [begun] = await this.sql.rows(BEGIN, [actorId, route, key, bodyHash]);
    if (begun !== undefined) return { kind: 'begun' };
    const [row] = await this.sql.rows<KnownRow>(KNOWN, [actorId, route, key]);
    if (row === undefined) return { kind: 'running' };
    if (row.bodyHash !== bodyHash) return { kind: 'other' };
    if (row.status === null) return { kind: 'running' };
    return { kind: 'done', status: row.status, response: row.response };
  }

  /** Keeps the answer of a request that was begun. */
  async finish(
    { actorId, route, key }: KeyedRequest,
    answer: { status: number; response: unknown },
  ): Promise<void> {
    await this.sql.rows(
      'UPDATE idempotency_keys SET status = $4, response = $5 WHERE actor_id = $1 AND route = $2 AND key = $3',
      [actorId, route, key, answer.status, JSON.stringify(answer.response ?? null)],
    );
  }

  /** Lets go of a request that was refused: it changed nothing, and may be sent again. */
  async forget({ actorId, route, key }: KeyedRequest): Promise<void> {
    await this.sql.rows(
      'DELETE FROM idempotency_keys WHERE actor_id = $1 AND route = $2 AND key = $3 AND status IS NULL',
      [actorId, route, key],
    );
  }
}
