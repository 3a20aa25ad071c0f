import { canonicalHash } from '#engine/canonical.js';
import type { Sql } from '#store/sql.js';

export interface ChainedEvent {
  readonly seq: number;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly actorId: string;
  readonly at: Date;
  readonly prevHash: string;
  readonly hash: string;
}

/** All events of a plan as they are stored, in order. */
export function readEvents(sql: Sql, planId: string): Promise<ChainedEvent[]> {
  return sql.rows<ChainedEvent>(
    `SELECT seq, type, payload, actor_id AS "actorId", at, prev_hash AS "prevHash", hash
       FROM plan_events WHERE plan_id = $1 ORDER BY seq`,
    [planId],
  );
}

/**
 * Whether the chain of a plan's events is whole: numbers without a gap, each hash right and on the one before, and its
 * end as the plan has it.
 *
 * @returns what is wrong, as sentences
 */
export function faultsOfChain(
  planId: string,
  end: { readonly eventSeq: number; readonly eventHash: string },
  events: readonly ChainedEvent[],
): string[] {
  const found: string[] = [];
  let before = '';
  events.forEach(({ hash, ...event }, index) => {
    const { seq, type, payload, actorId, at, prevHash } = event;
    if (seq !== index + 1) found.push(`event ${index + 1} has number ${seq}`);
    if (prevHash !== before) found.push(`event ${seq} does not follow the one before it`);
    if (hash !== canonicalHash({ planId, seq, type, payload, actorId, at: at.toISOString(), prevHash }))
      found.push(`event ${seq} (${type}) is not what was hashed`);
    before = hash;
  });
  const { eventSeq, eventHash } = end;
  if (eventSeq !== events.length) found.push(`the plan has ${eventSeq} events, ${events.length} are stored`);
  if (eventHash !== before) found.push(`the plan's hash is not that of its last event`);
  return found;
}
