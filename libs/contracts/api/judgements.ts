import { z } from 'zod';
import { submitTaskRequest } from './plan-tasks.js';
import { verdictView } from './plans.js';

const { ref, commit } = submitTaskRequest.shape;

/** `POST /api/plan-tasks/:task/judge` */
export const judgeTaskRequest = z
  .strictObject({
    ref,
    commit,
    /** The name of a snapshot of the plan. */
    checkpoint: z.string().min(1).max(200).optional(),
  })
  .refine((body) => Object.values(body).filter((value) => value !== undefined).length === 1, {
    message: 'needs one of ref, commit and checkpoint',
    path: ['ref'],
  });
export type JudgeTaskRequest = z.output<typeof judgeTaskRequest>;

/** `GET /api/judgements/:id`: what the verifier says of a commit; kept for a day. */
export const judgementView = z.object({
  id: z.uuid(),
  planId: z.uuid(),
  /** The number of the plan. */
  plan: z.int(),
  taskId: z.uuid(),
  /** The number of the task. */
  task: z.int(),
  status: z.enum(['queued', 'running', 'done', 'errored']),
  /** The commit that is judged, and the one that it is compared with besides the plan's base. */
  commit: z.string(),
  base: z.string(),
  /** What was handed in: by it the same work can be submitted. */
  handed: z.string().nullable(),
  /** The task is in the hands of who asks, or waits for anybody's: handed in, the work would count. */
  completes: z.boolean(),
  /** Null until it is done. */
  verdict: verdictView.nullable(),
  /** Nothing turned from red to green: a pass proves nothing. */
  unverified: z.boolean(),
  /** Why there is no verdict. */
  message: z.string().nullable(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type JudgementView = z.output<typeof judgementView>;

/** `GET /api/plan-tasks/:task/verdict?…` */
export const verdictQuery = z.strictObject({
  format: z
    .enum(['json', 'sarif'])
    .default('json')
    .describe('`sarif`: SARIF 2.1.0, as application/sarif+json.'),
});
export type VerdictQuery = z.output<typeof verdictQuery>;

/** The last verdict on a task's work. */
export const taskVerdict = z.object({
  /** The number of the plan. */
  plan: z.int(),
  /** The number of the task. */
  task: z.int(),
  title: z.string(),
  attempt: z.int(),
  /** What was judged, and the commit that it was compared with besides the plan's base. */
  commit: z.string(),
  base: z.string(),
  /** It was judged as it is to land, on the plan's tip. */
  rebased: z.boolean(),
  /** Nothing turned from red to green: a pass proves nothing. */
  unverified: z.boolean(),
  judgedAt: z.iso.datetime().nullable(),
  verdict: verdictView,
});
export type TaskVerdict = z.output<typeof taskVerdict>;
