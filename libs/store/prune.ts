import type { PrunablePlan } from '#engine/ports/store.port.js';
import type { Sql, SqlTx } from './sql.js';

/** In these a plan has ended, and nobody works on it. */
const ENDED = ['completed', 'failed', 'cancelled', 'archived'];
/** What may go: a checkpoint stays for as long as its plan, and what was before an attempt has no diff of its own. */
const OLD = `c.kind IN ('candidate', 'failed', 'landed') AND c.pruned_at IS NULL`;

/** See the port. */
export async function prunable(
  sql: Sql,
  { days, planId }: { readonly days: number; readonly planId: string | null },
): Promise<{ before: Date; plans: PrunablePlan[] }> {
  const [clock] = await sql.rows<{ before: Date }>(
    `SELECT clock_timestamp() - $1 * interval '1 day' AS before`,
    [days],
  );
  const before = clock?.before ?? new Date(0);
  const plans = await sql.rows<PrunablePlan>(
    `SELECT p.id, p.number, p.name, p.repository_id AS "repositoryId", p.status = 'archived' AS "isArchived",
            CASE WHEN p.status = 'archived' THEN 0 ELSE count(DISTINCT c.id)::int END AS snapshots,
            CASE WHEN p.status = 'archived' THEN 0 ELSE count(d.id)::int END AS diffs,
            CASE WHEN p.status = 'archived' THEN 0
                 ELSE coalesce(sum(octet_length(d.diff_text)), 0)::float8 END AS "diffBytes"
       FROM plans p
       LEFT JOIN code_snapshots c ON c.plan_id = p.id AND ${OLD} AND c.created_at < $1
       LEFT JOIN code_diffs d ON d.snapshot_id = c.id
      WHERE p.status = ANY($2) AND coalesce(p.finished_at, p.created_at) < $1
        AND ($3::uuid IS NULL OR p.id = $3)
      GROUP BY p.id ORDER BY p.number`,
    [before, ENDED, planId],
  );
  return { before, plans };
}

/** See the port. */
export async function ownersOf(
  sql: Sql,
  planIds: readonly string[],
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await sql.rows<{ id: string; planId: string }>(
    `SELECT a.id, a.plan_id AS "planId" FROM task_attempts a
      WHERE a.id = ANY($2::uuid[]) AND a.plan_id = ANY($1::uuid[])
      UNION ALL
     SELECT i.id, i.plan_id AS "planId" FROM integrations i
      WHERE i.id = ANY($2::uuid[]) AND i.plan_id = ANY($1::uuid[])`,
    [planIds, ids],
  );
  return new Map(rows.map(({ id, planId }) => [id, planId]));
}

/** See the port. The plan is locked: what has begun again meanwhile keeps everything. */
export function pruneSnapshots(tx: SqlTx, planId: string, before: Date): void {
  tx.send(
    `WITH old AS (
       UPDATE code_snapshots c SET pruned_at = clock_timestamp()
         FROM plans p
        WHERE p.id = $1 AND c.plan_id = p.id AND p.status = ANY($3) AND p.status <> 'archived'
          AND ${OLD} AND c.created_at < $2
       RETURNING c.id)
     DELETE FROM code_diffs d USING old WHERE d.snapshot_id = old.id`,
    [planId, before, ENDED],
  );
  for (const table of ['attempt_messages', 'attempt_output'])
    tx.send(
      `DELETE FROM ${table} m USING task_attempts a, plans p
        WHERE p.id = $1 AND p.status = ANY($3) AND p.status <> 'archived' AND a.plan_id = p.id
          AND m.attempt_id = a.id AND m.created_at < $2`,
      [planId, before, ENDED],
    );
}
