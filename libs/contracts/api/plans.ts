import { z } from 'zod';
import { ATTEMPT_STATUSES } from '#domain/plan/attempt.machine.js';
import { PHASE_MODES, PHASE_STATUSES } from '#domain/plan/phase.machine.js';
import { PAUSE_REASONS, PLAN_STATUSES } from '#domain/plan/plan.machine.js';
import { FAILURES } from '#domain/plan/retry.js';
import { TASK_STATUSES } from '#domain/plan/task.machine.js';
import { SEVERITIES, VERDICT_OUTCOMES } from '#domain/spec/verdict.js';

const URL_LIKE = /^([a-z][a-z0-9+.-]*:\/\/|[^/\s]+@[^/\s:]+:)/i;

/** A local path or a git URL. A path must not depend on where the server runs; a secret has no place in a plan. */
const repository = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  .refine((value) => value.startsWith('/') || URL_LIKE.test(value), {
    message: 'must be an absolute path or a git URL',
  })
  .refine((value) => !/^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]*@/i.test(value), {
    message: 'must not contain a password: it would be stored and shown; use SSH',
  });

/** `POST /api/plans`: the plan as JSON, or the text of a plan file. The plan's own shape is checked with places. */
export const createPlanRequest = z
  .strictObject({
    repository,
    plan: z.record(z.string(), z.unknown()).optional(),
    planYaml: z.string().min(1).max(1_000_000).optional(),
  })
  .refine((body) => (body.plan === undefined) !== (body.planYaml === undefined), {
    message: 'needs either plan (JSON) or planYaml (the text of a plan file)',
    path: ['plan'],
  });
export type CreatePlanRequest = z.output<typeof createPlanRequest>;

export const violationView = z.object({
  rule: z.string(),
  severity: z.enum(SEVERITIES),
  message: z.string(),
  file: z.string().optional(),
  line: z.int().optional(),
  term: z.string().optional(),
});

export const verdictView = z.object({
  outcome: z.enum(VERDICT_OUTCOMES),
  summary: z.string(),
  violations: z.array(violationView),
});

export const attemptView = z.object({
  number: z.int(),
  status: z.enum(ATTEMPT_STATUSES),
  failure: z.enum(FAILURES).nullable(),
  message: z.string().nullable(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  verdict: verdictView.nullable(),
});

export const taskView = z.object({
  id: z.uuid(),
  number: z.int(),
  key: z.string(),
  title: z.string(),
  status: z.enum(TASK_STATUSES),
  dependsOn: z.array(z.int()),
  /** Null until it is done; false: nobody but the executor says so. */
  verified: z.boolean().nullable(),
  commit: z.string().nullable(),
  startedAt: z.iso.datetime().nullable(),
  completedAt: z.iso.datetime().nullable(),
  attempts: z.array(attemptView),
});

export const phaseView = z.object({
  id: z.uuid(),
  position: z.int(),
  name: z.string(),
  description: z.string(),
  mode: z.enum(PHASE_MODES),
  status: z.enum(PHASE_STATUSES),
  successCriteria: z.array(z.string()),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  tasks: z.array(taskView),
});

export const planView = z.object({
  id: z.uuid(),
  number: z.int(),
  name: z.string(),
  description: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  status: z.enum(PLAN_STATUSES),
  pauseReason: z.enum(PAUSE_REASONS).nullable(),
  pauseNote: z.string().nullable(),
  repository: z.object({ id: z.uuid(), name: z.string(), origin: z.string() }),
  baseBranch: z.string(),
  baseCommit: z.string(),
  targetBranch: z.string(),
  branch: z.string(),
  tipCommit: z.string(),
  publishedCommit: z.string().nullable(),
  publishError: z.string().nullable(),
  warnings: z.array(z.string()),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  /** Sequence number of the last event this view contains: the cursor for the event stream. */
  eventSeq: z.int(),
  phases: z.array(phaseView),
});
export type PlanView = z.output<typeof planView>;
export type PhaseView = z.output<typeof phaseView>;
export type TaskView = z.output<typeof taskView>;
export type AttemptView = z.output<typeof attemptView>;

export const planEventView = z.object({
  seq: z.int(),
  type: z.string(),
  at: z.iso.datetime(),
  actor: z.string(),
  payload: z.record(z.string(), z.unknown()),
});
export type PlanEventView = z.output<typeof planEventView>;
