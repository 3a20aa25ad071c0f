import type { Effect, Stage } from '#domain/plan/decision.js';
import type { OutboxRow, OutboxStore } from '#engine/ports/outbox.port.js';
import type { Sql, SqlTx } from './sql.js';

/** How long the process that wrote a delivery has to make it before the sweeper does. */
const OWN_FLUSH_MS = 1_000;

const TABLES: { readonly [S in Stage]: string } = {
  execute: 'task_attempts',
  verify: 'verification_runs',
  integrate: 'integrations',
  judge: 'judgements',
  generate: 'plan_iterations',
  review: 'plan_iterations',
};

/** Stores effects in the transaction that decided them, and counts deliveries on their rows. */
export async function putIntoOutbox(
  tx: SqlTx,
  planId: string,
  effects: readonly Effect[],
  now: Date,
): Promise<OutboxRow[]> {
  if (effects.length === 0) return [];
  for (const [stage, table] of Object.entries(TABLES)) {
    const deliveries = effects.filter((effect) => effect.kind === 'deliver' && effect.stage === stage);
    if (deliveries.length > 0) tx.send(countDeliveries(table), [JSON.stringify(deliveries), now]);
  }
  const rows = await tx.rows<{ id: string }>(INSERT, [planId, JSON.stringify(effects), now, OWN_FLUSH_MS]);
  return rows.map(({ id }, index) => ({
    id: BigInt(id),
    planId,
    effect: effects[index] as Effect,
    tries: 0,
  }));
}

const countDeliveries = (table: string): string => `
  UPDATE ${table} w SET deliveries = d.delivery, delivered_at = $2
    FROM jsonb_to_recordset($1::jsonb) AS d(id uuid, delivery int) WHERE w.id = d.id`;

const INSERT = `
  INSERT INTO outbox (kind, plan_id, payload, available_at)
  SELECT e.value->>'kind', $1::uuid, e.value,
         $3::timestamptz + CASE WHEN e.value->>'kind' = 'deliver' THEN $4 * interval '1 millisecond' ELSE interval '0' END
    FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e(value, place)
   ORDER BY e.place
  RETURNING id`;

interface TakenRow {
  readonly id: string;
  readonly planId: string;
  readonly payload: Effect;
  readonly tries: number;
}

/** Takes due rows for a while, so that two relays never hold the same; who dies with them loses them by time. */
export async function takeOutbox(
  sql: Sql,
  input: Parameters<OutboxStore['takeOutbox']>[0],
): Promise<OutboxRow[]> {
  const rows = await sql.rows<TakenRow>(
    `UPDATE outbox SET tries = tries + 1, available_at = clock_timestamp() + $3 * interval '1 millisecond'
      WHERE id IN (SELECT id FROM outbox
                    WHERE kind = $1 AND available_at <= clock_timestamp()
                    ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING id, plan_id AS "planId", payload, tries`,
    [input.kind, input.limit, input.holdMs],
  );
  return rows.map(({ id, planId, payload: effect, tries }) => ({ id: BigInt(id), planId, effect, tries }));
}

/** Removes what was carried out. */
export async function settleOutbox(sql: Sql, ids: readonly bigint[]): Promise<void> {
  if (ids.length > 0) await sql.rows('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [ids.map(String)]);
}

/** The effect failed: it is tried again later, at growing intervals up to a minute. */
export async function postponeOutbox(sql: Sql, id: bigint, error: string): Promise<void> {
  await sql.rows(
    `UPDATE outbox SET last_error = $2,
            available_at = clock_timestamp() + least(60, power(2, least(tries, 6))) * interval '1 second'
      WHERE id = $1`,
    [String(id), error],
  );
}
