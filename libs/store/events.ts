import type { EventDraft } from '#domain/plan/decision.js';
import { canonicalHash } from '#engine/canonical.js';
import type { SqlTx } from './sql.js';
import { storableJson } from './storable.js';

/** The channel that announces new events, as `newsOf` writes them. */
export const EVENT_CHANNEL = 'planwright_events';

const AT_ONCE = ' at once';

/** That a plan has new events; `atOnce`: somebody waits for them. */
export function newsOf(planId: string, atOnce: boolean): string {
  return atOnce ? `${planId}${AT_ONCE}` : planId;
}

/** The way back from `newsOf`. */
export function readNews(payload: string): { readonly planId: string; readonly atOnce: boolean } {
  const atOnce = payload.endsWith(AT_ONCE);
  return { planId: atOnce ? payload.slice(0, -AT_ONCE.length) : payload, atOnce };
}

export interface EventChain {
  readonly seq: number;
  readonly hash: string;
}

/**
 * Appends events to a plan's chain: each hash covers the event and the hash before it. The caller holds the plan's
 * lock, and stores the new end of the chain on its row.
 */
export function appendEvents(
  tx: Pick<SqlTx, 'join'>,
  input: {
    readonly planId: string;
    readonly chain: EventChain;
    readonly events: readonly EventDraft[];
    readonly actorId: string;
    readonly at: Date;
  },
): EventChain {
  const { planId, actorId } = input;
  if (input.events.length === 0) return input.chain;
  const at = input.at.toISOString();
  let chain = input.chain;
  const rows = input.events.map(({ type, payload: given }) => {
    const payload = storableJson(given);
    const seq = chain.seq + 1;
    const prevHash = chain.hash;
    const hash = canonicalHash({ planId, seq, type, payload, actorId, at, prevHash });
    chain = { seq, hash };
    return { seq, type, payload, prev: prevHash, hash };
  });
  tx.join({ tables: ['plan_events'], text: INSERT, values: [planId, actorId, at, JSON.stringify(rows)] });
  return chain;
}

const INSERT = `
  INSERT INTO plan_events (plan_id, seq, type, payload, actor_id, at, prev_hash, hash)
  SELECT $1::uuid, e.seq, e.type, e.payload, $2::uuid, $3::timestamptz, e.prev, e.hash
    FROM jsonb_to_recordset($4::jsonb) AS e(seq int, type text, payload jsonb, prev text, hash text)`;
