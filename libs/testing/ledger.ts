import pg from 'pg';
import { canonicalHash } from '#engine/canonical.js';

interface EventRow {
  readonly planId: string;
  readonly seq: number;
  readonly type: string;
  readonly payload: unknown;
  readonly actorId: string;
  readonly at: Date;
  readonly prevHash: string;
  readonly hash: string;
}

/**
 * Looks at the rows themselves: the hash chain of every plan's events, from its first to the end that the plan names.
 *
 * @returns what is wrong, as sentences
 */
export async function brokenChains(databaseUrl: string): Promise<string[]> {
  const events = await select<EventRow>(
    databaseUrl,
    `SELECT plan_id AS "planId", seq, type, payload, actor_id AS "actorId", at, prev_hash AS "prevHash", hash
       FROM plan_events ORDER BY plan_id, seq`,
  );
  const plans = await select<{ id: string; number: number; end: string }>(
    databaseUrl,
    'SELECT id, number, event_hash AS "end" FROM plans',
  );
  return plans.flatMap(({ id, number, end }) => {
    const broken: string[] = [];
    let before = '';
    for (const { hash, at, ...event } of events.filter(({ planId }) => planId === id)) {
      const { prevHash, ...covered } = event;
      if (prevHash !== before || hash !== canonicalHash({ ...covered, at: at.toISOString(), prevHash }))
        broken.push(`the chain of plan ${number} is broken at event ${event.seq}`);
      before = hash;
    }
    return before === end ? broken : [...broken, `the chain of plan ${number} does not end where it says`];
  });
}

/** Effects that nobody has carried out yet. */
export async function openEffects(databaseUrl: string): Promise<string[]> {
  const rows = await select<{ kind: string; error: string | null }>(
    databaseUrl,
    'SELECT kind, last_error AS error FROM outbox ORDER BY id',
  );
  return rows.map(({ kind, error }) => `${kind} ${error ?? ''}`.trim());
}

async function select<T extends pg.QueryResultRow>(databaseUrl: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}
