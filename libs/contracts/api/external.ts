import { z } from 'zod';
import { TASK_EFFECTS } from '#domain/plan/state.js';
import { TASK_STATUSES } from '#domain/plan/task.machine.js';
import { taskFileSchema } from '../plan/plan-file.js';
import { wordsOf } from '../text.js';
import { analogousView } from './analogous.js';
import { assignmentView } from './assignments.js';
import { taskDetail } from './plan-tasks.js';
import { violationView } from './plans.js';
import { planReference } from './references.js';

/** `POST /api/plan-tasks/:task/claim` */
export const claimTaskRequest = z.strictObject({
  /** The claim ends when no heartbeat came for so long; absent: it has no end. */
  leaseSeconds: z.int().min(5).max(86_400).optional(),
});
export type ClaimTaskRequest = z.output<typeof claimTaskRequest>;

/** The task in the hands of whoever asked. */
export const claimedTask = taskDetail.extend({
  /** Null: the claim has no end. */
  lease: z
    .object({
      /** Heartbeats, and what ends the claim, name it. */
      token: z.uuid(),
      until: z.iso.datetime(),
    })
    .nullable(),
});
export type ClaimedTask = z.input<typeof claimedTask>;

/** `POST /api/plan-tasks/:task/heartbeat` */
export const heartbeatRequest = z.strictObject({ token: z.uuid() });
export type HeartbeatRequest = z.output<typeof heartbeatRequest>;

export const heartbeatView = z.object({
  /** The claim holds until then. */
  until: z.iso.datetime(),
});
export type HeartbeatView = z.output<typeof heartbeatView>;

const capabilities = taskFileSchema.shape.needs.unwrap();

/** `GET /api/ready?…` */
export const readyQuery = z.strictObject({
  needs: z
    .string()
    .max(2_000)
    .transform(wordsOf)
    .pipe(capabilities)
    .optional()
    .describe('What the asker can do, with commas between: only tasks that need nothing else.'),
  plan: planReference.optional().describe('Only tasks of this plan.'),
  limit: z.coerce.number().int().min(1).max(100).default(50).describe('How many items at most.'),
});
export type ReadyQuery = z.output<typeof readyQuery>;

export const readyTasks = z.object({
  /** Those of plans with a higher priority first. */
  items: z.array(
    z.object({
      id: z.uuid(),
      /** As commands name it: `12.3`. */
      task: z.string(),
      plan: z.int(),
      planName: z.string(),
      title: z.string(),
      effect: z.enum(TASK_EFFECTS),
      needs: z.array(z.string()),
      assignedTo: z.string().nullable(),
      /** How many attempts there were. */
      attempts: z.int(),
      /** Why it can be claimed now. */
      why: z.string(),
    }),
  ),
});
export type ReadyTasks = z.output<typeof readyTasks>;

/** `GET /api/plan-tasks/:task/context` */
export const taskContext = z.object({
  task: z.string(),
  title: z.string(),
  status: z.enum(TASK_STATUSES),
  prompt: z.string(),
  /** What a person wrote for whoever takes it next. */
  note: z.string().nullable(),
  /** The tip of the plan, to build on; a branch of that name is in the hub, and at the origin once it is published. */
  base: z.object({ commit: z.string(), branch: z.string() }),
  needs: z.array(z.string()),
  mayChange: z.array(z.string()),
  /** Globs of the files that may be touched, beside `mayChange`; empty: any. */
  writes: z.array(z.string()),
  /** Null: there is none. */
  spec: z
    .object({
      /** One sentence per rule and check; the YAML is what counts. */
      words: z.array(z.string()),
      yaml: z.string(),
    })
    .nullable(),
  /** What whoever gave the task away wrote; null: it is nobody's. */
  assignment: assignmentView.pick({ assignedTo: true, note: true, context: true }).nullable(),
  answers: z.array(z.object({ question: z.string(), answer: z.string() })),
  /** Of the attempt that was rejected last; empty where none was. */
  violations: z.array(violationView),
  rejectedDiff: z.string(),
  /** What the tasks that it depends on left. */
  dependencies: z.array(
    z.object({
      task: z.string(),
      title: z.string(),
      status: z.enum(TASK_STATUSES),
      commit: z.string().nullable(),
      note: z.string().nullable(),
      /** What its last attempt reported, as JSON; null: nothing. */
      result: z.unknown(),
    }),
  ),
  /** What the repository has of the sort that the spec requires, by what it requires. */
  analogous: z.array(z.object({ like: z.string(), items: analogousView.shape.items })),
});
export type TaskContextView = z.output<typeof taskContext>;
