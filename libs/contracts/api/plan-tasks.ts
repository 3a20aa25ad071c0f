import { z } from 'zod';
import { taskFileSchema } from '../plan/plan-file.js';
import { hasChanges } from './edit.js';
import { position } from './phases.js';
import { note, taskView } from './plans.js';
import { planReference } from './references.js';

const { key, title, prompt, dependsOn, executor, effect, assignedTo, mayChange, writes, maxAttempts, spec } =
  taskFileSchema.shape;

/** `POST /api/plan-tasks`: a task as a plan file has it, and the phase it goes to. */
export const createTaskRequest = z
  .strictObject({
    phaseId: z.uuid().optional(),
    planId: planReference.optional(),
    /** Number of the phase of `planId`; the last one when absent. A plan without phases gets its first. */
    phase: position.optional(),
    key,
    title,
    prompt,
    dependsOn,
    executor,
    effect,
    assignedTo,
    mayChange,
    writes,
    maxAttempts,
    spec,
    position: position.optional(),
  })
  .refine((body) => (body.phaseId === undefined) !== (body.planId === undefined), {
    message: 'needs either phaseId, or planId and perhaps phase',
    path: ['phaseId'],
  })
  .refine((body) => body.phase === undefined || body.planId !== undefined, {
    message: 'is the number of a phase of planId, which is missing',
    path: ['phase'],
  });
export type CreateTaskRequest = z.output<typeof createTaskRequest>;

/** `PATCH /api/plan-tasks/:task`: what is absent stays; a phase or a position moves it. */
export const updateTaskRequest = z
  .strictObject({
    phaseId: z.uuid().optional(),
    key,
    title: title.optional(),
    prompt: prompt.unwrap().optional(),
    dependsOn: dependsOn.unwrap().optional(),
    executor: executor.optional(),
    effect,
    /** Null takes it away. */
    assignedTo: assignedTo.nullable(),
    mayChange: mayChange.unwrap().optional(),
    writes: writes.unwrap().optional(),
    maxAttempts,
    /** Null takes the spec away. */
    spec: spec.nullable(),
    position: position.optional(),
  })
  .refine(...hasChanges);
export type UpdateTaskRequest = z.output<typeof updateTaskRequest>;

/** `POST /api/plan-tasks/:task/retry` */
export const retryTaskRequest = z.strictObject({
  /** Replaces the prompt of the task. */
  prompt: prompt.unwrap().optional(),
});
export type RetryTaskRequest = z.output<typeof retryTaskRequest>;

/** `POST /api/plan-tasks/:task/reject` */
export const rejectTaskRequest = z.strictObject({ note });
export type RejectTaskRequest = z.output<typeof rejectTaskRequest>;

/** A task with what it is to do. */
export const taskDetail = taskView.extend({
  planId: z.uuid(),
  /** The number of the plan. */
  plan: z.int(),
  phaseId: z.uuid(),
  prompt: z.string(),
  /** As a plan file has it. */
  executor,
  assignedTo: z.string().nullable(),
  mayChange: z.array(z.string()),
  writes: z.array(z.string()),
  maxAttempts: z.int(),
  specId: z.uuid().nullable(),
  /** The revision of the plan. */
  revision: z.int(),
});
/** What is shown is written as in a plan file: durations with their unit. */
export type TaskDetail = z.input<typeof taskDetail>;
