import type { DueWait, StoredSignal } from '#engine/ports/store.port.js';
import type { PlanState } from '#domain/plan/state.js';
import type { Sql, SqlTx } from './sql.js';

/** A wait is over when its time has come, or its signal is there. */
const OVER = `(t.not_before <= clock_timestamp() OR s.name IS NOT NULL)`;
const WAITING = `plan_tasks t LEFT JOIN plan_signals s ON s.plan_id = t.plan_id AND s.name = t.executor->>'event'`;

/** See the port. */
export async function dueWaits(tx: SqlTx, plan: PlanState, limit: number): Promise<DueWait[]> {
  if (plan.status !== 'running') return [];
  return tx.rows<DueWait>(
    `SELECT t.id AS "taskId", t.executor->>'event' AS event, s.name IS NOT NULL AS signalled
       FROM ${WAITING} WHERE t.plan_id = $1 AND t.status = 'waiting' AND ${OVER} ORDER BY t.number LIMIT $2`,
    [plan.id, limit],
  );
}

export async function findPlansWithDueWaits(sql: Sql, limit: number): Promise<string[]> {
  const rows = await sql.rows<{ id: string }>(
    `SELECT DISTINCT p.id FROM ${WAITING} JOIN plans p ON p.id = t.plan_id
      WHERE t.status = 'waiting' AND p.status = 'running' AND p.deleted_at IS NULL AND ${OVER} LIMIT $1`,
    [limit],
  );
  return rows.map(({ id }) => id);
}

/** The stored signal of that name. */
export async function signal(tx: SqlTx, planId: string, name: string): Promise<StoredSignal | null> {
  const [row] = await tx.rows<StoredSignal>(
    `SELECT s.name, s.data, a.name AS actor, s.created_at AS "createdAt"
       FROM plan_signals s JOIN actors a ON a.id = s.actor_id WHERE s.plan_id = $1 AND s.name = $2`,
    [planId, name],
  );
  return row ?? null;
}
