import {
  ASSIGNMENT_ACTIVE,
  assignmentAfter,
  type ActiveAssignment,
  type AssignmentStatus,
  type NewAssignment,
} from '#domain/assignments/assignment.machine.js';
import { TASK_ENDED, TASK_STATUSES } from '#domain/plan/task.machine.js';
import type { SqlTx } from './sql.js';
import { storableJson, storableText } from './storable.js';

/** Assignments: their statuses are written here only, with the row of the plan, or of the work item, locked. */

/** What somebody is assigned to. */
export type AssignedTo = { readonly taskId: string } | { readonly workItemId: string };

/** In whose name, and when. */
export interface AssignedBy {
  readonly actorId: string;
  readonly now: Date;
}

/** Of an assignment `a`: it is the one that its task, or its work item, has. */
export const IS_ACTIVE = `a.status IN (${ASSIGNMENT_ACTIVE.map((status) => `'${status}'`).join(', ')})`;

/** What a step makes of a row; `$2` is the time. */
const moving = (to: string): string => `
    SET status = ${to},
        started_at = CASE WHEN ${to} = 'started' THEN coalesce(a.started_at, $2::timestamptz) ELSE a.started_at END,
        paused_at = CASE WHEN ${to} = 'paused' THEN $2::timestamptz END,
        ended_at = CASE WHEN ${to} IN ('completed', 'cancelled') THEN $2::timestamptz END`;

const columnOf = (of: AssignedTo): { column: string; id: string } =>
  'taskId' in of ? { column: 'task_id', id: of.taskId } : { column: 'work_item_id', id: of.workItemId };

/** See `AssignmentTx`. */
export async function activeAssignment(
  tx: Pick<SqlTx, 'rows'>,
  of: AssignedTo,
): Promise<ActiveAssignment | null> {
  const { column, id } = columnOf(of);
  const [row] = await tx.rows<ActiveAssignment>(
    `SELECT a.id, a.status, a.context, a.started_at AS "startedAt",
            jsonb_build_object('name', s.name, 'kind', s.kind) AS assignee
       FROM task_assignments a JOIN actors s ON s.id = a.assignee_id WHERE a.${column} = $1::uuid AND ${IS_ACTIVE}`,
    [id],
  );
  return row ?? null;
}

/** The assignment that it had is over, and the next one begins; null: it is nobody's. */
export function assign(
  tx: SqlTx,
  of: AssignedTo,
  assignment: NewAssignment | null,
  { actorId, now }: AssignedBy,
): void {
  const { column, id } = columnOf(of);
  tx.send(
    `UPDATE task_assignments a ${moving(`'cancelled'`)} WHERE a.${column} = $1::uuid AND ${IS_ACTIVE}`,
    [id, now],
  );
  if (assignment !== null) {
    const { to, note, context, handedFrom } = assignment;
    tx.send(NEW_ACTOR, [to.name, to.kind]);
    tx.send(
      `INSERT INTO task_assignments (id, ${column}, assignee_id, assigned_by, status, note, context, handed_from, assigned_at)
       SELECT $1::uuid, $2::uuid, s.id, $4::uuid, 'assigned', $5, $6::jsonb, $7::uuid, $8::timestamptz
         FROM actors s WHERE s.name = $3`,
      [
        assignment.id,
        id,
        to.name,
        actorId,
        note === null ? null : storableText(note),
        JSON.stringify(storableJson(context)),
        handedFrom,
        now,
      ],
    );
  }
  if ('taskId' in of) tx.send(PROJECT, [of.taskId, assignment?.to.name ?? null]);
}

const NEW_ACTOR = `
  INSERT INTO actors (id, kind, name) VALUES (gen_random_uuid(), $2, $1) ON CONFLICT (name) DO NOTHING`;

/** Whose the task is, beside the rows that say whose it was. */
const PROJECT = `
  UPDATE plan_tasks SET assigned_to = (SELECT s.id FROM actors s WHERE s.name = $2) WHERE id = $1::uuid`;

/** One step of one assignment. @throws Fenced, by the transaction, when it is not where the step begins */
export function moveAssignment(
  tx: SqlTx,
  { id, from, to }: { readonly id: string; readonly from: AssignmentStatus; readonly to: AssignmentStatus },
  now: Date,
): void {
  tx.join({
    tables: ['task_assignments'],
    text: MOVE,
    values: [id, now, from, to],
    meets: { rows: 1, what: 'assignment' },
  });
}

const MOVE = `UPDATE task_assignments a ${moving('$4::text')} WHERE a.id = $1::uuid AND a.status = $3`;

/** `assignmentAfter` as rows: what it says of every status of a task, where that is another one. */
const AFTER = JSON.stringify(
  TASK_STATUSES.flatMap((task) =>
    ASSIGNMENT_ACTIVE.flatMap((from) => {
      const to = assignmentAfter(from, task);
      return to === from ? [] : [{ task, from, to }];
    }),
  ),
);
const CLOSED = [...TASK_ENDED, 'cancelled'];

/**
 * Tasks moved, or are somebody else's by the structure of their plan: their assignments follow. One of another assignee
 * than the task's ends, those that are left are what `assignmentAfter` says, and a task of somebody that is open and
 * has none gets one.
 *
 * @param of the tasks, or all of a plan that are somebody's
 */
export function followTasks(
  tx: SqlTx,
  of: { readonly taskIds: readonly string[] } | { readonly planId: string },
  { actorId, now }: AssignedBy,
): void {
  const isPlan = 'planId' in of;
  const { others, moved, missing } = isPlan ? FOLLOW_PLAN : FOLLOW_TASKS;
  const which = isPlan ? of.planId : of.taskIds;
  tx.send(others, [which, now]);
  tx.send(moved, [which, now, AFTER]);
  tx.send(missing, [which, now, actorId, CLOSED]);
}

const following = (which: string) => ({
  others: `
    UPDATE task_assignments a ${moving(`'cancelled'`)}
      FROM plan_tasks t
     WHERE ${which} AND a.task_id = t.id AND ${IS_ACTIVE} AND a.assignee_id IS DISTINCT FROM t.assigned_to`,
  moved: `
    UPDATE task_assignments a ${moving('v."to"')}
      FROM plan_tasks t, jsonb_to_recordset($3::jsonb) AS v(task text, "from" text, "to" text)
     WHERE ${which} AND a.task_id = t.id AND a.status = v."from" AND t.status = v.task`,
  missing: `
    INSERT INTO task_assignments (id, task_id, assignee_id, assigned_by, status, assigned_at)
    SELECT gen_random_uuid(), t.id, t.assigned_to, $3::uuid, 'assigned', $2::timestamptz
      FROM plan_tasks t
     WHERE ${which} AND t.assigned_to IS NOT NULL AND t.status <> ALL($4::text[])
       AND NOT EXISTS (SELECT 1 FROM task_assignments a WHERE a.task_id = t.id AND ${IS_ACTIVE})`,
});

const FOLLOW_TASKS = following('t.id = ANY($1::uuid[])');
const FOLLOW_PLAN = following('t.plan_id = $1::uuid AND t.assigned_to IS NOT NULL');
