import { z } from 'zod';
import { ASSIGNMENT_STATUSES } from '#domain/assignments/assignment.machine.js';
import { MAX_CONTEXT } from '#domain/assignments/handed-context.js';
import { CLEAN, isClean, isCleanJson } from '../text.js';
import { pageQuery } from './page.js';
import { note } from './plans.js';

const assigneeName = z.string().trim().min(1).max(200).refine(isClean, CLEAN);
const context = z
  .record(z.string(), z.unknown())
  .refine(isCleanJson, CLEAN)
  .refine((value) => JSON.stringify(value).length <= MAX_CONTEXT, {
    message: `must be at most ${MAX_CONTEXT} characters as JSON`,
  });
/** Of an actor that is made because nobody has the name; one that is there stays what it is. */
const kind = z.enum(['user', 'agent']);

/** `POST /api/plan-tasks/:task/assign`, `POST /api/work-items/:item/assign` */
export const assignRequest = z.strictObject({
  /** A name; null: nobody. Who is not known yet becomes an actor. */
  assignedTo: assigneeName.nullable(),
  kind: kind.optional(),
  /** What they should know. */
  note: note.optional(),
  /** Free; it is carried on when they hand the work over. */
  context: context.optional(),
});
export type AssignRequest = z.output<typeof assignRequest>;

/** `POST /api/work-items/:item/hand-over` */
export const handOverItemRequest = z.strictObject({
  assignedTo: assigneeName,
  kind: kind.optional(),
  note,
  /** Beside what is carried on; where both have a key, this one counts. */
  context: context.optional(),
});
export type HandOverItemRequest = z.output<typeof handOverItemRequest>;

/** `POST /api/plan-tasks/:task/hand-over` */
export const handOverTaskRequest = handOverItemRequest.extend({
  /** Of the claim under which it was worked on, where that has a lease. */
  token: z.uuid().optional(),
});
export type HandOverTaskRequest = z.output<typeof handOverTaskRequest>;

export const assignmentView = z.object({
  id: z.uuid(),
  /** A task as commands name it, `12.3`, or null: then it is of a work item. */
  task: z.string().nullable(),
  /** A work item as commands name it, `w4`, or null. */
  workItem: z.string().nullable(),
  title: z.string(),
  status: z.enum(ASSIGNMENT_STATUSES),
  assignedTo: z.string(),
  kind: z.enum(['user', 'agent', 'system']),
  assignedBy: z.string(),
  note: z.string().nullable(),
  context: z.record(z.string(), z.unknown()),
  /** The assignment that its holder handed over; null: it was given. */
  handedFrom: z.uuid().nullable(),
  assignedAt: z.iso.datetime(),
  /** When work on it first began. */
  startedAt: z.iso.datetime().nullable(),
  /** Since when it is paused. */
  pausedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
});
export type AssignmentView = z.output<typeof assignmentView>;

/** All of one task, or of one work item: the first one first. */
export const assignmentHistory = z.object({ items: z.array(assignmentView) });
export type AssignmentHistory = z.output<typeof assignmentHistory>;

/** `GET /api/assignments?…` */
export const assignmentsQuery = z.strictObject({
  assignedTo: assigneeName.optional().describe('Only those of whoever has this name.'),
  all: z.enum(['true', 'false']).default('false').describe('`true`: those that are over, too.'),
  ...pageQuery,
});
export type AssignmentsQuery = z.output<typeof assignmentsQuery>;

export const assignmentPage = z.object({
  /** The latest first. */
  items: z.array(assignmentView),
  nextCursor: z.string().nullable(),
});
export type AssignmentPage = z.output<typeof assignmentPage>;
