import type { JudgementView, TaskVerdict } from '#contracts/api/judgements.js';
import { isUnverified } from '#engine/work/verify-commit.js';
import { PLAN_MOVING } from '#domain/plan/plan.machine.js';
import type { Verdict } from '#domain/spec/verdict.js';
import type { Sql } from '../sql.js';
import { UUID } from './reference-shapes.js';
import type { TaskPlace } from './task-reader.js';
import { iso, toVerdictView } from './task-views.js';

interface JudgementRow extends Omit<
  JudgementView,
  'verdict' | 'unverified' | 'createdAt' | 'finishedAt' | 'base'
> {
  readonly base: string;
  readonly verdict: Verdict | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** One that was under way when its plan was stopped is nobody's any more. */
const STOPPED = `(j.status IN ('queued', 'running') AND j.epoch <> p.epoch)`;

const JUDGEMENT = `
  SELECT j.id, j.plan_id AS "planId", p.number AS plan, t.id AS "taskId", t.number AS task,
         CASE WHEN ${STOPPED} THEN 'errored' ELSE j.status END AS status,
         CASE WHEN ${STOPPED} THEN 'the plan was stopped meanwhile' ELSE j.message END AS message,
         j."commit", j.base_commit AS base, j.handed, j.verdict, j.created_at AS "createdAt",
         j.finished_at AS "finishedAt",
         j.handed IS NOT NULL AND t.effect = 'change' AND p.status = ANY($3) AND t.open_dependencies = 0
           AND (t.status = 'ready' AND t.executor->>'kind' = 'external'
                OR t.status = 'claimed' AND EXISTS (
                     SELECT 1 FROM task_attempts a
                      WHERE a.task_id = t.id AND a.status = 'running' AND a.actor_id = $2::uuid)) AS completes
    FROM judgements j JOIN plans p ON p.id = j.plan_id JOIN plan_tasks t ON t.id = j.task_id
   WHERE j.id = $1::uuid AND p.deleted_at IS NULL`;

interface VerdictRow extends Omit<TaskVerdict, 'judgedAt' | 'unverified' | 'verdict'> {
  readonly judgedAt: Date | null;
  readonly verdict: Verdict;
}

const LAST_VERDICT = `
  SELECT p.number AS plan, t.number AS task, t.title, a.number AS attempt, r."commit", r.base_commit AS base,
         r.integration_id IS NOT NULL AS rebased, r.finished_at AS "judgedAt", r.verdict
    FROM verification_runs r JOIN task_attempts a ON a.id = r.attempt_id JOIN plan_tasks t ON t.id = r.task_id
    JOIN plans p ON p.id = r.plan_id
   WHERE t.plan_id = $1 AND t.number = $2 AND r.verdict IS NOT NULL AND r.verdict <> 'null'
   ORDER BY r.created_at DESC LIMIT 1`;

/** What the verifier said: of work that somebody asked about, and last of a task. */
export class JudgementReader {
  constructor(private readonly sql: Sql) {}

  /** @param askedBy who asks: whether the work would count is a matter of whose hands the task is in */
  async judgement(id: string, askedBy: string): Promise<JudgementView | null> {
    if (!UUID.test(id)) return null;
    const [row] = await this.sql.rows<JudgementRow>(JUDGEMENT, [id, askedBy, PLAN_MOVING]);
    if (row === undefined) return null;
    const { verdict, createdAt, finishedAt } = row;
    return {
      ...row,
      verdict: verdict && toVerdictView(verdict),
      unverified: verdict !== null && isUnverified(verdict),
      createdAt: createdAt.toISOString(),
      finishedAt: iso(finishedAt),
    };
  }

  async lastVerdict({ planId, taskNumber }: TaskPlace): Promise<TaskVerdict | null> {
    const [row] = await this.sql.rows<VerdictRow>(LAST_VERDICT, [planId, taskNumber]);
    if (row === undefined) return null;
    const { verdict, judgedAt } = row;
    return {
      ...row,
      judgedAt: iso(judgedAt),
      unverified: isUnverified(verdict),
      verdict: toVerdictView(verdict),
    };
  }
}
