import type {
  FinishedJudgement,
  ForgottenJudgement,
  JudgementOrder,
  NewJudgement,
  OnBase,
  UnseenSpec,
} from '#engine/ports/judgement.port.js';
import type { PlanTx } from '#engine/ports/store.port.js';
import { storableJson, storableText } from './storable.js';
import type { Sql, SqlTx } from './sql.js';

/** Judgements: their statuses are written here only. They have leases like runs, and no machine: nothing depends on them. */

const MAX_CLAIMS = 5;
const KEPT_HOURS = 24;

/** The spec is pinned: another text is another row. */
export function addJudgement(tx: SqlTx, planId: string, judgement: NewJudgement): void {
  const { id, taskId, handed, commit, baseCommit } = judgement;
  tx.send(
    `INSERT INTO judgements (id, plan_id, task_id, spec_id, handed, "commit", base_commit, status, epoch)
     SELECT $1::uuid, p.id, t.id, t.spec_id, $4, $5, $6, 'queued', p.epoch
       FROM plans p JOIN plan_tasks t ON t.plan_id = p.id WHERE p.id = $2::uuid AND t.id = $3::uuid`,
    [id, planId, taskId, handed, commit, baseCommit],
  );
}

/** The tree of a delivery, judged by what all tasks of its plan proved. */
export function addDeliveryJudgement(
  tx: SqlTx,
  planId: string,
  { id, deliveryId, commit, baseCommit }: Parameters<PlanTx['addDeliveryJudgement']>[0],
): void {
  tx.send(
    `INSERT INTO judgements (id, plan_id, delivery_id, "commit", base_commit, status, epoch)
     SELECT $1::uuid, p.id, $3::uuid, $4, $5, 'queued', p.epoch FROM plans p WHERE p.id = $2::uuid`,
    [id, planId, deliveryId, commit, baseCommit],
  );
}

const UNSEEN = `FROM plan_specs s JOIN plan_tasks t ON t.spec_id = s.id
  WHERE s.plan_id = $1::uuid AND s.on_base IS NULL
    AND NOT EXISTS (SELECT 1 FROM task_dependencies d WHERE d.task_id = t.id)`;

/** See `PlanTx`. */
export async function addBaseJudgement(tx: SqlTx, planId: string, id: string): Promise<boolean> {
  const rows = await tx.rows(
    `INSERT INTO judgements (id, plan_id, "commit", base_commit, status, epoch)
     SELECT $2::uuid, p.id, p.base_commit, p.base_commit, 'queued', p.epoch FROM plans p
      WHERE p.id = $1::uuid AND EXISTS (SELECT 1 ${UNSEEN})
        AND NOT EXISTS (SELECT 1 FROM judgements j
                         WHERE j.plan_id = p.id AND j.task_id IS NULL AND j.delivery_id IS NULL AND j.status = 'queued' AND j.epoch = p.epoch)
     RETURNING 1`,
    [planId, id],
  );
  return rows.length > 0;
}

/** See `PlanTx`. */
export async function markOnBase(
  tx: SqlTx,
  planId: string,
  specId: string,
  colour: OnBase,
): Promise<boolean> {
  const rows = await tx.rows(
    `UPDATE plan_specs SET on_base = $3 WHERE id = $2::uuid AND plan_id = $1::uuid AND on_base IS NULL RETURNING 1`,
    [planId, specId, colour],
  );
  return rows.length > 0;
}

/** See `PlanTx`. */
export function markSpecs(tx: SqlTx, planId: string, hash: string, colour: OnBase): void {
  tx.send(`UPDATE plan_specs SET on_base = $3 WHERE plan_id = $1::uuid AND hash = $2 AND on_base IS NULL`, [
    planId,
    hash,
    colour,
  ]);
}

/** See `PlanTx`. */
export async function checkpoint(tx: SqlTx, planId: string, name: string): Promise<string | null> {
  const [row] = await tx.rows<{ commit: string }>(
    `SELECT "commit" FROM code_snapshots WHERE plan_id = $1::uuid AND name = $2 ORDER BY id DESC LIMIT 1`,
    [planId, name],
  );
  return row?.commit ?? null;
}

interface ClaimedRow extends JudgementOrder {
  readonly status: 'running' | 'errored';
}

/** See `Store`. One over which verifiers died again and again is given up. */
export async function claimJudgement(
  sql: Sql,
  id: string,
  { leaseMs, holder }: { readonly leaseMs: number; readonly holder: string },
): Promise<JudgementOrder | null> {
  const [row] = await sql.rows<ClaimedRow>(
    `UPDATE judgements j
        SET status = CASE WHEN j.token >= $4 THEN 'errored' ELSE 'running' END,
            message = CASE WHEN j.token >= $4 THEN 'the verifier died ' || j.token || ' times over this commit' END,
            finished_at = CASE WHEN j.token >= $4 THEN clock_timestamp() END,
            token = j.token + 1, holder = $3, lease_until = clock_timestamp() + $2 * interval '1 millisecond'
       FROM plans p JOIN repositories o ON o.id = p.repository_id
      WHERE j.id = $1::uuid AND p.id = j.plan_id AND p.epoch = j.epoch
        AND (j.status = 'queued' OR (j.status = 'running' AND j.lease_until < clock_timestamp()))
     RETURNING j.id, j.status, j.token, j.plan_id AS "planId", j.task_id AS "taskId", j.delivery_id AS "deliveryId",
               p.repository_id AS "repositoryId", p.base_commit AS "planBase", j.base_commit AS "attemptBase",
               j."commit" AS candidate, coalesce(p.setup, o.setup) AS setup,
               (SELECT s.spec_yaml FROM plan_specs s WHERE s.id = j.spec_id) AS "specText",
               coalesce((SELECT t.may_change FROM plan_tasks t WHERE t.id = j.task_id), '[]') AS "mayChange",
               (SELECT a.profile->'constraints' FROM task_attempts a WHERE a.task_id = j.task_id
                 ORDER BY a.number DESC LIMIT 1) AS scope`,
    [id, leaseMs, holder, MAX_CLAIMS],
  );
  if (row === undefined || row.status === 'errored') return null;
  const { status: _, ...order } = row;
  return order;
}

/** See `Store`. */
export async function finishJudgement(sql: Sql, finished: FinishedJudgement): Promise<void> {
  const { id, token, verdict, message } = finished;
  await sql.rows(
    `UPDATE judgements
        SET status = CASE WHEN $4::text IS NULL THEN 'done' ELSE 'errored' END, verdict = $3::jsonb, message = $4,
            finished_at = clock_timestamp(), lease_until = NULL
      WHERE id = $1::uuid AND token = $2 AND status = 'running'`,
    [
      id,
      token,
      verdict === null ? null : JSON.stringify(storableJson(verdict)),
      message === null ? null : storableText(message),
    ],
  );
}

/** See `Store`. */
export function forgetJudgements(sql: Sql): Promise<ForgottenJudgement[]> {
  return sql.rows<ForgottenJudgement>(
    `DELETE FROM judgements j USING plans p
      WHERE p.id = j.plan_id AND j.created_at < clock_timestamp() - $1 * interval '1 hour'
     RETURNING j.id, p.repository_id AS "repositoryId", j."commit", j.handed`,
    [KEPT_HOURS],
  );
}

/** See `Store`. */
export function unseenSpecs(sql: Sql, planId: string): Promise<UnseenSpec[]> {
  return sql.rows<UnseenSpec>(
    `SELECT s.id, s.spec_yaml AS yaml,
            json_agg(json_build_object('number', t.number, 'title', t.title) ORDER BY t.number) AS tasks
       ${UNSEEN} GROUP BY s.id ORDER BY min(t.number)`,
    [planId],
  );
}
