import type { WaiverChange } from '#domain/plan/decisions/waive.js';
import type { FinishedWork } from '#engine/ports/store.port.js';
import type { SqlTx } from './sql.js';

type Rows = Pick<SqlTx, 'rows'>;

type TaskRow = FinishedWork['tasks'][number];
type WaiverRow = Pick<FinishedWork['waivers'][number], 'actor' | 'at'> & { readonly change: WaiverChange };

/** See the port. */
export async function finishedWork(db: Rows, planId: string): Promise<FinishedWork> {
  const [tasks, waivers] = await Promise.all([
    db.rows<TaskRow>(FINISHED, [planId]),
    db.rows<WaiverRow>(WAIVERS, [planId]),
  ]);
  return {
    tasks,
    waivers: waivers.map(({ change, ...waiver }) => ({
      ...waiver,
      ...change,
      since: new Date(change.since),
    })),
  };
}

/** See the port. */
export async function provenSince(db: Rows, planId: string, attemptId: string): Promise<boolean> {
  return (await db.rows(PROVEN_SINCE, [planId, attemptId])).length > 0;
}

/** As the partial index says it: of a plan without specs, nothing is read. */
const IS_FINISHED = `t.status IN ('completed', 'satisfied') AND (t.spec_id IS NOT NULL OR t.supersedes <> '[]')`;

/** A spec is frozen from the claim of the attempt that passed on: the task's is the one that was pinned. */
const FINISHED = `
  SELECT t.number, t.key, t.title, t.commit_sha AS "commit", t.completed_at AS "completedAt", t.supersedes,
         s.spec_yaml AS "specYaml",
         coalesce((SELECT jsonb_path_query_array(r.verdict->'items', '$[*] ? (@.candidate == "green")')
                     FROM verification_runs r
                    WHERE r.attempt_id = (SELECT a.id FROM task_attempts a
                                           WHERE a.task_id = t.id AND a.status = 'passed' ORDER BY a.number DESC LIMIT 1)
                      AND r.status = 'passed' ORDER BY r.finished_at DESC LIMIT 1), '[]') AS green
    FROM plan_tasks t LEFT JOIN plan_specs s ON s.id = t.spec_id
   WHERE t.plan_id = $1 AND ${IS_FINISHED} ORDER BY t.number`;

const WAIVERS = `
  SELECT a.name AS actor, i.created_at AS at, i.changes->0 AS change
    FROM plan_iterations i JOIN actors a ON a.id = i.actor_id
   WHERE i.plan_id = $1 AND i.kind = 'waiver' ORDER BY i.number`;

const PROVEN_SINCE = `
  SELECT 1 FROM plan_tasks t
   WHERE t.plan_id = $1 AND ${IS_FINISHED} AND t.spec_id IS NOT NULL
     AND t.completed_at >= (SELECT r.started_at FROM verification_runs r
                             WHERE r.attempt_id = $2 AND r.status = 'passed' ORDER BY r.finished_at DESC LIMIT 1)
   LIMIT 1`;
