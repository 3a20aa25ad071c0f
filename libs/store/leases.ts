import type { Leased, Overdue } from '#engine/ports/store.port.js';
import type { OutboxRow } from '#engine/ports/outbox.port.js';
import type { Stage } from '#domain/plan/decision.js';
import { putIntoOutbox } from './outbox.js';
import type { Sql } from './sql.js';

const TABLES: { readonly [E in Leased['entity']]: string } = {
  attempt: 'task_attempts',
  run: 'verification_runs',
  integration: 'integrations',
  judgement: 'judgements',
  generation: 'plan_iterations',
  review: 'plan_iterations',
};

const STAGES: { readonly [E in Leased['entity']]: Stage } = {
  attempt: 'execute',
  run: 'verify',
  integration: 'integrate',
  judgement: 'judge',
  generation: 'generate',
  review: 'review',
};

/** An iteration is of the plan, whatever its epoch is: a decision that ends one does so by name. */
const PRESENT: { readonly [E in Leased['entity']]: string } = {
  attempt: 'AND p.epoch = r.epoch',
  run: 'AND p.epoch = r.epoch',
  integration: 'AND p.epoch = r.epoch',
  judgement: 'AND p.epoch = r.epoch',
  generation: `AND r.kind = 'generate'`,
  review: `AND r.kind = 'review'`,
};

/** Statuses in which a row is held by somebody, and in which it waits to be claimed. */
const HELD = `('running', 'merging', 'pushing')`;
const WAITING = `('queued', 'verified')`;

/**
 * Extends a lease by the token that took it. A lease that ended and that nobody took can be renewed.
 * The epoch is the plan's present one: what was cancelled or rewound is not renewed.
 */
export async function renewLease(sql: Sql, { entity, id, token }: Leased, leaseMs: number): Promise<boolean> {
  const rows = await sql.rows(
    `UPDATE ${TABLES[entity]} r
        SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
       FROM plans p
      WHERE r.id = $1::uuid AND r.token = $2 AND r.status IN ${HELD} AND p.id = r.plan_id ${PRESENT[entity]}
     RETURNING 1`,
    [id, token, leaseMs],
  );
  return rows.length === 1;
}

/** See the port. */
export async function renewClaim(
  sql: Sql,
  {
    planId,
    taskNumber,
    token,
  }: { readonly planId: string; readonly taskNumber: number; readonly token: string },
): Promise<Date | null> {
  const [row] = await sql.rows<{ until: Date }>(
    `UPDATE task_attempts a SET lease_until = clock_timestamp() + a.lease_seconds * interval '1 second'
       FROM plan_tasks t JOIN plans p ON p.id = t.plan_id
      WHERE a.id = $3::uuid AND t.id = a.task_id AND t.plan_id = $1 AND t.number = $2 AND p.epoch = a.epoch
        AND a.status = 'running' AND a.by_hand AND a.lease_seconds IS NOT NULL
     RETURNING a.lease_until AS until`,
    [planId, taskNumber, token],
  );
  return row?.until ?? null;
}

/** Rows delivered at least `graceMs` ago whose lease is over, or that nobody claimed. */
export async function findOverdue(sql: Sql, limit: number, graceMs: number): Promise<Overdue[]> {
  const found: Overdue[] = [];
  for (const entity of Object.keys(TABLES) as Leased['entity'][]) {
    const lane =
      entity === 'integration'
        ? // A queued integration behind a busy lane waits for the lane, not for a delivery.
          `AND NOT (r.status = 'queued' AND EXISTS (SELECT 1 FROM integrations l WHERE l.plan_id = r.plan_id
                    AND l.status IN ('merging', 'verifying', 'verified', 'pushing')))`
        : '';
    const claimable = entity === 'attempt' ? `AND p.status = 'running'` : '';
    const rows = await sql.rows<Omit<Overdue, 'entity'>>(
      `SELECT r.id, r.plan_id AS "planId", r.token, r.deliveries,
              CASE WHEN r.status IN ${HELD} THEN 'lease' ELSE 'delivery' END AS why
         FROM ${TABLES[entity]} r JOIN plans p ON p.id = r.plan_id ${PRESENT[entity]}
        WHERE r.delivered_at < clock_timestamp() - $2 * interval '1 millisecond'
          AND ((r.status IN ${HELD} AND r.lease_until < clock_timestamp())
               OR (r.status IN ${WAITING} ${claimable} ${lane}))
        ORDER BY r.delivered_at LIMIT $1`,
      [limit, graceMs],
    );
    found.push(...rows.map((row) => ({ ...row, entity })));
  }
  return found;
}

/** Counts a fresh delivery of a row that is still as it was found. */
export async function redeliver(sql: Sql, overdue: Overdue): Promise<OutboxRow | null> {
  const { entity, id, planId, token, deliveries } = overdue;
  return sql.transaction(async (tx) => {
    const [row] = await tx.rows<{ now: Date }>(
      `SELECT clock_timestamp() AS now FROM ${TABLES[entity]}
        WHERE id = $1::uuid AND token = $2 AND deliveries = $3 FOR UPDATE`,
      [id, token, deliveries],
    );
    if (row === undefined) return null;
    const effect = { kind: 'deliver', stage: STAGES[entity], id, delivery: deliveries + 1 } as const;
    const [outbox] = await putIntoOutbox(tx, planId, [effect], row.now);
    return outbox ?? null;
  });
}

/** A row that still waits in the queue was looked at: it is looked at again after another grace period. */
export async function touchDelivery(sql: Sql, { entity, id }: Overdue): Promise<void> {
  await sql.rows(`UPDATE ${TABLES[entity]} SET delivered_at = clock_timestamp() WHERE id = $1`, [id]);
}

/** See the port. A dispatch of such a plan gets it on: it never comes up again for the same reason. */
export async function findPlansToDispatch(sql: Sql, limit: number): Promise<string[]> {
  const rows = await sql.rows<{ id: string }>(
    `SELECT p.id FROM plans p
      WHERE p.status = 'running' AND p.deleted_at IS NULL
        AND EXISTS (SELECT 1 FROM plan_tasks t JOIN phases h ON h.id = t.phase_id
                     WHERE t.plan_id = p.id AND t.status = 'ready' AND h.status = 'running'
                       AND (t.not_before IS NULL OR t.not_before <= clock_timestamp())
                       AND (t.executor->>'kind' = 'wait'
                            OR (t.executor->>'kind' = 'external' AND t.announced_at IS NULL)
                            OR (h.approval IN ('before_task', 'both') AND t.approved_at IS NULL)
                            OR (t.executor->>'kind' <> 'external'
                                AND p.active_tasks < least(p.concurrency, coalesce(h.concurrency, p.concurrency)))))
      ORDER BY p.priority DESC, p.active_tasks, p.number LIMIT $1`,
    [limit],
  );
  return rows.map((row) => row.id);
}

/** See the port. */
export async function findFairestQueued(sql: Sql): Promise<{ planId: string; attemptId: string } | null> {
  const [row] = await sql.rows<{ planId: string; attemptId: string }>(
    `SELECT p.id AS "planId", a.id AS "attemptId"
       FROM task_attempts a JOIN plans p ON p.id = a.plan_id AND p.epoch = a.epoch
      WHERE a.status = 'queued' AND p.status = 'running'
      ORDER BY p.priority DESC,
               (SELECT count(*) FROM task_attempts o
                 WHERE o.plan_id = p.id AND o.status = 'running' AND o.lease_until IS NOT NULL AND NOT o.by_hand),
               a.delivered_at, a.id
      LIMIT 1`,
  );
  return row ?? null;
}

/** Plans in a status that somebody has to bring to its end. */
export async function findPlansIn(
  sql: Sql,
  status: 'archiving' | 'cancelling' | 'rewinding',
  limit: number,
): Promise<string[]> {
  const rows = await sql.rows<{ id: string }>(
    `SELECT id FROM plans WHERE status = $2 ORDER BY number LIMIT $1`,
    [limit, status],
  );
  return rows.map((row) => row.id);
}
