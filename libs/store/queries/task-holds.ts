import type { TaskView } from '#contracts/api/plans.js';
import { Prisma } from '../generated/client.js';
import type { Database } from '../database.js';

/** Who a task belongs to, and what it waits for beside other tasks and a slot. */
export type TaskHold = Pick<
  TaskView,
  'executorKind' | 'assignedTo' | 'waitsUntil' | 'waitsFor' | 'claimedBy' | 'review'
>;

interface HoldRow extends Pick<TaskHold, 'executorKind' | 'assignedTo' | 'waitsFor'> {
  readonly id: string;
  readonly status: string;
  readonly until: Date | null;
  readonly holder: string | null;
  readonly commit: string | null;
  readonly patchId: string | null;
}

/**
 * The holds of all tasks of a plan, by their ids, or of one of them. Attempts are looked up only for tasks that are in
 * somebody's hands or under review.
 */
export async function taskHolds(
  db: Database,
  planId: string,
  taskId?: string,
): Promise<ReadonlyMap<string, TaskHold>> {
  const one = taskId === undefined ? Prisma.empty : Prisma.sql`AND t.id = ${taskId}::uuid`;
  const rows = await db.$queryRaw<HoldRow[]>`
    SELECT t.id, t.status, t.executor->>'kind' AS "executorKind", s.name AS "assignedTo", l.holder, l.commit, l."patchId",
           CASE t.status WHEN 'waiting' THEN t.not_before END AS until,
           CASE t.status WHEN 'waiting' THEN t.executor->>'event' END AS "waitsFor"
      FROM plan_tasks t
      LEFT JOIN actors s ON s.id = t.assigned_to
      LEFT JOIN LATERAL (
        SELECT c.name AS holder, coalesce(i.result_commit, a.candidate_commit) AS commit,
               coalesce(i.patch_id, a.patch_id) AS "patchId"
          FROM task_attempts a
          LEFT JOIN actors c ON c.id = a.actor_id
          LEFT JOIN integrations i ON i.attempt_id = a.id AND i.status = 'awaiting_review'
         WHERE a.task_id = t.id AND t.status IN ('claimed', 'awaiting_review')
         ORDER BY a.number DESC LIMIT 1) l ON true
     WHERE t.plan_id = ${planId}::uuid ${one}`;
  return new Map(rows.map((row) => [row.id, toHold(row)]));
}

function toHold({
  executorKind,
  assignedTo,
  waitsFor,
  status,
  until,
  holder,
  commit,
  patchId,
}: HoldRow): TaskHold {
  const review = status === 'awaiting_review' && commit !== null && patchId !== null;
  return {
    executorKind,
    assignedTo,
    waitsFor,
    waitsUntil: until?.toISOString() ?? null,
    claimedBy: status === 'claimed' ? holder : null,
    review: review ? { commit, patchId } : null,
  };
}
