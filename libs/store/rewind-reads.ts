import type { OpenRewind } from '#domain/plan/decisions/rewind.js';
import type { PhaseState, PlanState } from '#domain/plan/state.js';
import type { RewindState, RewindTask } from '#domain/snapshot/rewind-plan.js';
import type { NumberedSnapshot } from '#domain/snapshot/rewind-target.js';
import { STANDING_EVENTS, TARGET_EVENTS, type PastEvent } from '#domain/snapshot/standing.js';
import { PHASE, TASK } from './rows.js';
import type { SqlTx } from './sql.js';

/** Everything that a rewind looks at: the plan whole, with what its history says. */
export async function rewindState(tx: SqlTx, plan: PlanState): Promise<RewindState> {
  const [phases, tasks, events, snapshots, touched] = await Promise.all([
    tx.rows<PhaseState>(`SELECT ${PHASE} FROM phases h WHERE h.plan_id = $1 ORDER BY h.position`, [plan.id]),
    tx.rows<RewindTask>(
      `SELECT ${TASK}, t.commit_sha AS "commitSha",
              ARRAY(SELECT d.depends_on_id::text FROM task_dependencies d WHERE d.task_id = t.id) AS "dependsOn"
         FROM plan_tasks t WHERE t.plan_id = $1 ORDER BY t.number`,
      [plan.id],
    ),
    tx.rows<PastEvent>(
      `SELECT seq, type, payload FROM plan_events WHERE plan_id = $1 AND type = ANY($2) ORDER BY seq`,
      [plan.id, [...STANDING_EVENTS, ...TARGET_EVENTS]],
    ),
    tx.rows<NumberedSnapshot>(
      `SELECT t.number AS task, c.sequence, c.kind, a.number AS attempt, c."commit"
         FROM code_snapshots c JOIN plan_tasks t ON t.id = c.task_id LEFT JOIN task_attempts a ON a.id = c.attempt_id
        WHERE c.plan_id = $1 ORDER BY t.number, c.sequence`,
      [plan.id],
    ),
    tx.rows<{ commit: string; paths: string[] }>(
      `SELECT c."commit", c.files || coalesce(
                (SELECT jsonb_agg(d.old_path) FROM code_diffs d
                  WHERE d.snapshot_id = c.id AND d.old_path IS NOT NULL), '[]'::jsonb) AS paths
         FROM code_snapshots c WHERE c.plan_id = $1 AND c.kind IN ('candidate', 'landed')`,
      [plan.id],
    ),
  ]);
  const files = new Map<string, string[]>();
  for (const { commit, paths } of touched) files.set(commit, [...(files.get(commit) ?? []), ...paths]);
  return { plan, phases, tasks, events, snapshots, files };
}

/** The rewind of the plan that is under way; null: none is. */
export async function openRewind(tx: SqlTx, planId: string): Promise<OpenRewind | null> {
  const [row] = await tx.rows<OpenRewind>(
    `SELECT id, lineage, target, from_commit AS "from", to_commit AS "to", to_seq AS "toSeq",
            keep_independent AS "keepIndependent", actor_id AS "actorId"
       FROM plan_rewinds WHERE plan_id = $1 AND status = 'open'`,
    [planId],
  );
  return row ?? null;
}
