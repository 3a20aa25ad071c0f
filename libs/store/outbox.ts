import type { Effect, Stage } from '#domain/plan/decision.js';
import type { OutboxRow, Store } from '#engine/ports/store.port.js';
import type { Database, DatabaseTx } from './database.js';
import type { Prisma } from './generated/client.js';

/** How long the process that wrote a delivery has to make it before the sweeper does. */
const OWN_FLUSH_MS = 1_000;

const TABLES: { readonly [S in Stage]: 'task_attempts' | 'verification_runs' | 'integrations' } = {
  execute: 'task_attempts',
  verify: 'verification_runs',
  integrate: 'integrations',
};

/** Stores effects in the transaction that decided them, and counts deliveries on their rows. */
export async function putIntoOutbox(
  db: DatabaseTx,
  planId: string,
  effects: readonly Effect[],
  now: Date,
): Promise<OutboxRow[]> {
  const rows: OutboxRow[] = [];
  for (const effect of effects) {
    if (effect.kind === 'deliver') {
      await db.$executeRawUnsafe(
        `UPDATE ${TABLES[effect.stage]} SET deliveries = $2, delivered_at = $3 WHERE id = $1::uuid`,
        effect.id,
        effect.delivery,
        now,
      );
    }
    const availableAt = effect.kind === 'deliver' ? new Date(now.getTime() + OWN_FLUSH_MS) : now;
    const payload = effect as unknown as Prisma.InputJsonValue;
    const { id } = await db.outbox.create({
      data: { kind: effect.kind, planId, payload, availableAt },
      select: { id: true },
    });
    rows.push({ id, planId, effect });
  }
  return rows;
}

interface TakenRow {
  readonly id: bigint;
  readonly planId: string;
  readonly payload: Effect;
}

/** Takes due rows for a while, so that two relays never hold the same; who dies with them loses them by time. */
export async function takeOutbox(
  db: Database,
  input: Parameters<Store['takeOutbox']>[0],
): Promise<OutboxRow[]> {
  const rows = await db.$queryRaw<TakenRow[]>`
    UPDATE outbox SET tries = tries + 1, available_at = clock_timestamp() + ${input.holdMs} * interval '1 millisecond'
     WHERE id IN (SELECT id FROM outbox
                   WHERE kind = ${input.kind} AND available_at <= clock_timestamp()
                   ORDER BY id LIMIT ${input.limit} FOR UPDATE SKIP LOCKED)
    RETURNING id, plan_id AS "planId", payload`;
  return rows.map((row) => ({ id: row.id, planId: row.planId, effect: row.payload }));
}

/** The effect failed: it is tried again later, at growing intervals up to a minute. */
export async function postponeOutbox(db: Database, id: bigint, error: string): Promise<void> {
  await db.$executeRaw`
    UPDATE outbox SET last_error = ${error},
           available_at = clock_timestamp() + least(60, power(2, least(tries, 6))) * interval '1 second'
     WHERE id = ${id}`;
}
