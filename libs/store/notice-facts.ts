import type { Verdict } from '#domain/spec/verdict.js';
import type { NoticeFacts, NoticeTask } from '#engine/ports/notice.port.js';
import type { Sql } from './sql.js';

/** A person reads this: what is beyond shows with the plan. */
const TASKS = 20;

type PlanRow = NoticeFacts['plan'] & { readonly repository: string; readonly origin: string };
type TaskRow = Omit<NoticeTask, 'summary' | 'violations'> & { readonly verdict: Verdict | null };

/** How a plan stands now, as far as somebody has to do something about it. Null: it is gone. */
export async function noticeFacts(sql: Sql, planId: string): Promise<NoticeFacts | null> {
  const [[row], tasks, phases] = await Promise.all([
    sql.rows<PlanRow>(PLAN, [planId]),
    sql.rows<TaskRow>(TASK, [planId, TASKS]),
    sql.rows<NoticeFacts['phases'][number]>(
      `SELECT position, name FROM phases WHERE plan_id = $1 AND status = 'awaiting_approval' ORDER BY position`,
      [planId],
    ),
  ]);
  if (row === undefined) return null;
  const { repository: name, origin, ...plan } = row;
  return {
    plan,
    repository: { name, origin },
    tasks: tasks.map(({ verdict, ...task }) => ({
      ...task,
      summary: verdict?.summary ?? null,
      violations: verdict?.violations ?? [],
    })),
    phases,
  };
}

const PLAN = `
  SELECT p.number, p.name, p.status, p.pause_reason AS reason, p.pause_note AS note, p.branch,
         p.publish_error AS "publishError", o.name AS repository, o.origin
    FROM plans p JOIN repositories o ON o.id = p.repository_id WHERE p.id = $1`;

const TASK = `
  SELECT t.number, t.title, t.status, a.failure, a.message,
         (SELECT r.verdict FROM verification_runs r
           WHERE r.attempt_id = a.id AND r.verdict IS NOT NULL ORDER BY r.created_at DESC LIMIT 1) AS verdict
    FROM plan_tasks t
    LEFT JOIN LATERAL (SELECT l.id, l.failure, l.message FROM task_attempts l
                        WHERE l.task_id = t.id ORDER BY l.number DESC LIMIT 1) a ON true
   WHERE t.plan_id = $1
     AND (t.status IN ('failed', 'awaiting_approval', 'awaiting_review', 'awaiting_answer')
          OR (t.status = 'ready' AND t.announced_at IS NOT NULL))
   ORDER BY t.number LIMIT $2`;
