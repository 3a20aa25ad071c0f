import type { EventDraft } from '#domain/plan/decision.js';
import { canonicalHash } from '#engine/canonical.js';
import type { DatabaseTx } from './database.js';
import type { Prisma } from './generated/client.js';
import { storableJson } from './storable.js';

/** The channel that announces new events; its payload is the plan's id. */
export const EVENT_CHANNEL = 'planwright_events';

export interface EventChain {
  readonly seq: number;
  readonly hash: string;
}

/**
 * Appends events to a plan's chain: each hash covers the event and the hash before it.
 * The caller holds the plan's lock. @returns the new end of the chain
 */
export async function appendEvents(
  db: DatabaseTx,
  input: {
    readonly planId: string;
    readonly chain: EventChain;
    readonly events: readonly EventDraft[];
    readonly actorId: string;
    readonly at: Date;
  },
): Promise<EventChain> {
  const { planId, actorId, at } = input;
  let chain = input.chain;
  const rows = input.events.map(({ type, payload: given }) => {
    const payload = storableJson(given);
    const seq = chain.seq + 1;
    const prevHash = chain.hash;
    const hash = canonicalHash({ planId, seq, type, payload, actorId, at: at.toISOString(), prevHash });
    chain = { seq, hash };
    return { planId, seq, type, payload: payload as Prisma.InputJsonValue, actorId, at, prevHash, hash };
  });
  if (rows.length === 0) return chain;
  await db.planEvent.createMany({ data: rows });
  await db.plan.update({ where: { id: planId }, data: { eventSeq: chain.seq, eventHash: chain.hash } });
  await db.$executeRaw`SELECT pg_notify(${EVENT_CHANNEL}, ${planId})`;
  return chain;
}
