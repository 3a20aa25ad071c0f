import { Fenced } from '#engine/fenced.js';
import type {
  FinishedIteration,
  HeldIteration,
  IterationOrder,
  ModelWork,
  PaidAnswer,
  StoredIteration,
} from '#engine/ports/iteration.port.js';
import { storableJson, storableText } from './storable.js';
import type { Sql, SqlTx } from './sql.js';

/**
 * Iterations that a model works at: their statuses are written here and by `END_ITERATIONS`. They have leases like
 * attempts, and no machine.
 */

/** Characters of a text that could not be used. */
const RAW_TEXT = 200_000;

/** See `Store`. Plans that are closed, or that are not there any more, have nothing to claim: see `end_iterations`. */
export async function claimIteration(
  sql: Sql,
  { kind, id }: { readonly kind: ModelWork; readonly id: string },
  { leaseMs, holder }: { readonly leaseMs: number; readonly holder: string },
): Promise<IterationOrder | null> {
  const [row] = await sql.rows<IterationOrder>(
    `UPDATE plan_iterations i
        SET status = 'running', token = i.token + 1, holder = $4,
            lease_until = clock_timestamp() + $3 * interval '1 millisecond'
       FROM plans p
      WHERE i.id = $1::uuid AND i.kind = $2 AND p.id = i.plan_id AND p.deleted_at IS NULL
        AND (i.status = 'queued' OR (i.status = 'running' AND i.lease_until < clock_timestamp()))
     RETURNING i.id, i.token, i.plan_id AS "planId", i.number, i.actor_id AS "actorId", i.request, i.answers`,
    [id, kind, leaseMs, holder],
  );
  return row ?? null;
}

const HELD = `id = $1::uuid AND token = $2 AND status = 'running'`;

/** See `Store`. */
export async function rememberAnswer(
  sql: Sql,
  { id, token }: HeldIteration,
  paid: PaidAnswer,
): Promise<void> {
  const { model, usage, remembered } = paid;
  const rows = await sql.rows(
    `UPDATE plan_iterations
        SET answers = answers || $3::jsonb, model = $4, input_tokens = input_tokens + $5,
            output_tokens = output_tokens + $6, cache_write_tokens = cache_write_tokens + $7,
            cache_read_tokens = cache_read_tokens + $8
      WHERE ${HELD} RETURNING 1`,
    [
      id,
      token,
      JSON.stringify(remembered === null ? [] : [storableJson(remembered)]),
      model,
      usage.inputTokens,
      usage.outputTokens,
      usage.cacheWriteTokens,
      usage.cacheReadTokens,
    ],
  );
  if (rows.length === 0) throw fenced(id);
}

/** See `PlanTx`. */
export async function holdIteration(tx: SqlTx, planId: string, { id, token }: HeldIteration): Promise<void> {
  const rows = await tx.rows(
    `SELECT 1 FROM plan_iterations WHERE ${HELD} AND plan_id = $3::uuid FOR UPDATE`,
    [id, token, planId],
  );
  if (rows.length === 0) throw fenced(id);
}

/** See `PlanTx`. */
export async function finishIteration(tx: SqlTx, planId: string, finished: FinishedIteration): Promise<void> {
  const { id, token, status, summary, changes, result, message, rawText } = finished;
  const json = (value: unknown): string | null =>
    value === undefined ? null : JSON.stringify(storableJson(value));
  const text = (value: string | undefined): string | null =>
    value === undefined ? null : storableText(value);
  const rows = await tx.rows(
    `UPDATE plan_iterations
        SET status = $4, summary = coalesce($5, summary), changes = coalesce($6::jsonb, changes),
            result = coalesce($7::jsonb, result), message = $8, raw_text = $9, answers = '[]', lease_until = NULL,
            finished_at = clock_timestamp()
      WHERE ${HELD} AND plan_id = $3::uuid RETURNING 1`,
    [
      id,
      token,
      planId,
      status,
      text(summary),
      json(changes),
      json(result),
      text(message),
      text(rawText?.slice(0, RAW_TEXT)),
    ],
  );
  if (rows.length === 0) throw fenced(id);
}

const STORED = 'id, number, status, request, result, message';

/** See `PlanTx`. */
export async function latestIteration(
  tx: SqlTx,
  planId: string,
  kind: ModelWork,
): Promise<StoredIteration | null> {
  const [row] = await tx.rows<StoredIteration>(
    `SELECT ${STORED} FROM plan_iterations
      WHERE plan_id = $1::uuid AND kind = $2 ORDER BY number DESC LIMIT 1`,
    [planId, kind],
  );
  return row ?? null;
}

/** See `PlanTx`. */
export async function iterationOf(
  tx: SqlTx,
  planId: string,
  kind: ModelWork,
  reference: number | string,
): Promise<StoredIteration | null> {
  const [row] = await tx.rows<StoredIteration>(
    `SELECT ${STORED} FROM plan_iterations
      WHERE plan_id = $1::uuid AND kind = $2 AND $3::text IN (number::text, id::text)`,
    [planId, kind, String(reference)],
  );
  return row ?? null;
}

/** See `PlanTx`. */
export function putResult(tx: SqlTx, planId: string, id: string, result: unknown): void {
  tx.send(
    `UPDATE plan_iterations SET result = $3::jsonb
      WHERE id = $1::uuid AND plan_id = $2::uuid AND status = 'succeeded'`,
    [id, planId, JSON.stringify(storableJson(result))],
  );
}

function fenced(id: string): Fenced {
  return new Fenced(`iteration ${id} has ended, or is somebody else's`);
}
