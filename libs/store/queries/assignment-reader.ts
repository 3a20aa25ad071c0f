import type { AssignmentPage, AssignmentView } from '#contracts/api/assignments.js';
import type { WorkItemPage, WorkItemView } from '#contracts/api/work-items.js';
import { IS_ACTIVE, type AssignedTo } from '../assignments.js';
import type { Sql } from '../sql.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { UUID } from './reference-shapes.js';

const NUMBER = /^w([1-9][0-9]{0,8})$/;
const POSITION = /^[1-9][0-9]{0,9}$/;

type Dated<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]: Date | Extract<T[P], null> };
type AssignmentRow = Dated<AssignmentView, 'assignedAt' | 'startedAt' | 'pausedAt' | 'endedAt'>;
type ItemRow = Dated<WorkItemView, 'createdAt' | 'closedAt'>;

const ASSIGNMENTS = `
  SELECT a.id, p.number || '.' || t.number AS task, 'w' || w.number AS "workItem", coalesce(t.title, w.title) AS title,
         a.status, s.name AS "assignedTo", s.kind, b.name AS "assignedBy", a.note, a.context,
         a.handed_from AS "handedFrom", a.assigned_at AS "assignedAt", a.started_at AS "startedAt",
         a.paused_at AS "pausedAt", a.ended_at AS "endedAt"
    FROM task_assignments a
    JOIN actors s ON s.id = a.assignee_id
    JOIN actors b ON b.id = a.assigned_by
    LEFT JOIN plan_tasks t ON t.id = a.task_id
    LEFT JOIN plans p ON p.id = t.plan_id
    LEFT JOIN work_items w ON w.id = a.work_item_id`;

/** Those of hidden plans are nobody's to see. */
const LIST = `${ASSIGNMENTS}
   WHERE p.deleted_at IS NULL AND ($1::text IS NULL OR s.name = $1)
     AND ($2 OR ${IS_ACTIVE})
     AND ($3::uuid IS NULL OR (a.assigned_at, a.id) < (SELECT c.assigned_at, c.id FROM task_assignments c WHERE c.id = $3::uuid))
   ORDER BY a.assigned_at DESC, a.id DESC LIMIT $4`;

const ITEMS = `
  SELECT w.id, w.number, jsonb_build_object('id', r.id, 'name', r.name) AS repository, w.title, w.description, w.status,
         s.name AS "assignedTo", c.name AS "createdBy", w.created_at AS "createdAt", w.closed_at AS "closedAt"
    FROM work_items w
    JOIN repositories r ON r.id = w.repository_id
    JOIN actors c ON c.id = w.created_by
    LEFT JOIN task_assignments a ON a.work_item_id = w.id AND ${IS_ACTIVE}
    LEFT JOIN actors s ON s.id = a.assignee_id`;

interface Page {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Named reads of assignments and work items, as clients see them. */
export class AssignmentReader {
  constructor(private readonly sql: Sql) {}

  /** All of a task, or of a work item, the first one first. */
  async history(of: AssignedTo): Promise<AssignmentView[]> {
    const [column, id] = 'taskId' in of ? ['task_id', of.taskId] : ['work_item_id', of.workItemId];
    const rows = await this.sql.rows<AssignmentRow>(
      `${ASSIGNMENTS} WHERE a.${column} = $1::uuid ORDER BY a.assigned_at, a.id`,
      [id],
    );
    return rows.map(toAssignment);
  }

  /** @param query.all those that are over, too */
  async list(
    query: Page & { readonly assignedTo?: string | undefined; readonly all: boolean },
  ): Promise<AssignmentPage> {
    const { limit, cursor, assignedTo = null, all } = query;
    const after = cursor === undefined ? null : decodeCursor('assignments', cursor, UUID);
    const rows = await this.sql.rows<AssignmentRow>(LIST, [assignedTo, all, after, limit + 1]);
    const items = rows.slice(0, limit).map(toAssignment);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { items, nextCursor: last === undefined ? null : encodeCursor('assignments', last.id) };
  }

  /** By its id, or as `w4`. */
  async workItem(reference: string): Promise<WorkItemView | null> {
    const [, number] = NUMBER.exec(reference) ?? [];
    if (number === undefined && !UUID.test(reference)) return null;
    const [row] = await this.sql.rows<ItemRow>(
      `${ITEMS} WHERE ${number === undefined ? 'w.id = $1::uuid' : 'w.number = $1::int'}`,
      [number ?? reference],
    );
    return row === undefined ? null : toItem(row);
  }

  async workItems(query: Page & { readonly status?: string | undefined }): Promise<WorkItemPage> {
    const { limit, cursor, status = null } = query;
    const after = cursor === undefined ? null : decodeCursor('work-items', cursor, POSITION);
    const rows = await this.sql.rows<ItemRow>(
      `${ITEMS} WHERE ($1::text IS NULL OR w.status = $1) AND ($2::int IS NULL OR w.number < $2::int)
        ORDER BY w.number DESC LIMIT $3`,
      [status, after, limit + 1],
    );
    const items = rows.slice(0, limit).map(toItem);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return {
      items,
      nextCursor: last === undefined ? null : encodeCursor('work-items', String(last.number)),
    };
  }
}

function toAssignment({ assignedAt, startedAt, pausedAt, endedAt, ...row }: AssignmentRow): AssignmentView {
  return {
    ...row,
    assignedAt: assignedAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    pausedAt: pausedAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  };
}

function toItem({ createdAt, closedAt, ...row }: ItemRow): WorkItemView {
  return { ...row, createdAt: createdAt.toISOString(), closedAt: closedAt?.toISOString() ?? null };
}
