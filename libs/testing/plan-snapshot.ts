import { ATTEMPT, INTEGRATION, PHASE, PLAN, RUN, TASK } from '#store/rows.js';
import type { Sql } from '#store/sql.js';
import type { ModelState } from './plan-model.js';

const rows = (columns: string, from: string, order: string): string =>
  `(SELECT coalesce(json_agg(x), '[]') FROM (SELECT ${columns} FROM ${from} ORDER BY ${order}) x)`;

const LEASE = (row: string) =>
  `CASE WHEN ${row}.lease_until IS NULL THEN 'none'
        WHEN ${row}.lease_until < clock_timestamp() THEN 'expired' ELSE 'held' END AS lease`;

const DEPENDS_ON = `array(SELECT d.depends_on_id FROM task_dependencies d WHERE d.task_id = t.id) AS "dependsOn"`;

/** One statement: everything in it is of one moment. */
const SNAPSHOT = `SELECT json_build_object(
  'plan', (SELECT row_to_json(x) FROM (SELECT ${PLAN} FROM plans p WHERE p.id = $1) x),
  'phases', ${rows(PHASE, 'phases h WHERE h.plan_id = $1', 'h.position')},
  'tasks', ${rows(
    `${TASK}, t.commit_sha AS "commitSha", t.retry_base AS "retryBase", ${DEPENDS_ON}`,
    'plan_tasks t WHERE t.plan_id = $1',
    't.number',
  )},
  'attempts', ${rows(`${ATTEMPT}, a.failure, ${LEASE('a')}`, 'task_attempts a WHERE a.plan_id = $1', 'a.number')},
  'runs', ${rows(`${RUN}, ${LEASE('r')}`, 'verification_runs r WHERE r.plan_id = $1', 'r.id')},
  'integrations', ${rows(`${INTEGRATION}, ${LEASE('i')}`, 'integrations i WHERE i.plan_id = $1', 'i.position')}
) AS state`;

/** A plan's rows in Postgres as the model has them, all of one moment; times are text. */
export async function readSnapshot(sql: Sql, planId: string): Promise<ModelState> {
  const [row] = await sql.rows<{ state: ModelState }>(SNAPSHOT, [planId]);
  if (row === undefined) throw new Error('there is no answer');
  return row.state;
}
