import { z } from 'zod';
import { WRITERS } from '#domain/plan/state.js';
import { taskFileSchema } from '../plan/plan-file.js';
import { hasChanges } from './edit.js';
import { position } from './phases.js';
import { note, taskView } from './plans.js';
import { planReference } from './references.js';

const {
  key,
  title,
  prompt,
  dependsOn,
  executor,
  effect,
  assignedTo,
  mayChange,
  writes,
  supersedes,
  needs,
  profile,
  maxAttempts,
  spec,
} = taskFileSchema.shape;

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
    supersedes,
    needs,
    profile,
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
    executor: executor.unwrap().optional(),
    effect,
    /** Null takes it away. */
    assignedTo: assignedTo.nullable(),
    mayChange: mayChange.unwrap().optional(),
    writes: writes.unwrap().optional(),
    supersedes: supersedes.unwrap().optional(),
    needs: needs.unwrap().optional(),
    /** Null takes it away. */
    profile: profile.nullable(),
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
  /** Replaces who carries it out. */
  executor: executor.unwrap().optional(),
  /** The next attempt is told. */
  note: note.optional(),
});
export type RetryTaskRequest = z.output<typeof retryTaskRequest>;

const objectId = z.string().regex(/^[0-9a-f]{40}$/, 'must be 40 lower-case hexadecimal digits');

/** `POST /api/plan-tasks/:task/approve` */
export const approveTaskRequest = z.strictObject({
  /** The diff that was looked at: another one is refused. */
  patchId: objectId.optional(),
});
export type ApproveTaskRequest = z.output<typeof approveTaskRequest>;

/** `POST /api/plan-tasks/:task/skip` */
export const skipTaskRequest = z.strictObject({
  /** Whether what depends on it may go on as if it were done; else it is blocked. */
  satisfies: z.boolean(),
  note: note.optional(),
});
export type SkipTaskRequest = z.output<typeof skipTaskRequest>;

/** Of the claim that a request is about; absent: of one without a lease, or of none. */
const token = z.uuid().optional();

/** `POST /api/plan-tasks/:task/complete` */
export const completeTaskRequest = z.strictObject({ note, token });
export type CompleteTaskRequest = z.output<typeof completeTaskRequest>;

/** `POST /api/plan-tasks/:task/fail` */
export const failTaskRequest = z.strictObject({ note, token });
export type FailTaskRequest = z.output<typeof failTaskRequest>;

/** `POST /api/plan-tasks/:task/release` */
export const releaseTaskRequest = z.strictObject({
  /** What the next one should know. */
  note: note.optional(),
  token,
});
export type ReleaseTaskRequest = z.output<typeof releaseTaskRequest>;

/** `POST /api/plan-tasks/:task/submit` */
export const submitTaskRequest = z
  .strictObject({
    /** A branch, a tag, a full ref or a full commit id of the plan's repository. */
    ref: z.string().trim().min(1).max(500).optional(),
    /** A commit that was pushed to the hub, below `refs/planwright/submissions/`. */
    commit: objectId.optional(),
    /** A unified diff to the plan's tip, as text. */
    patch: z.string().min(1).max(500_000).optional(),
    token,
  })
  .refine(({ ref, commit, patch }) => [ref, commit, patch].filter((way) => way !== undefined).length === 1, {
    message: 'needs one of ref, commit and patch',
    path: ['ref'],
  });
export type SubmitTaskRequest = z.output<typeof submitTaskRequest>;

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
  executor: executor.unwrap(),
  /** Who wrote the executor: a model's command is always isolated. */
  writtenBy: z.enum(WRITERS),
  mayChange: z.array(z.string()),
  writes: z.array(z.string()),
  /** Contracts of earlier tasks that it may break. */
  supersedes: z.array(z.string()),
  /** Capabilities that whoever carries it out must have. */
  needs: z.array(z.string()),
  /** Slug of the profile that it is done under. */
  profile: z.string().nullable(),
  maxAttempts: z.int(),
  specId: z.uuid().nullable(),
  /** The revision of the plan. */
  revision: z.int(),
});
/** What is shown is written as in a plan file: durations with their unit. */
export type TaskDetail = z.input<typeof taskDetail>;

/** `GET /api/plan-tasks/:task/diff` */
export const taskDiff = z.object({
  /** The commits that differ by it; both are in the hub. */
  from: z.string(),
  to: z.string(),
  /** An approval names the diff by it; null: it was not verified. */
  patchId: z.string().nullable(),
  files: z.array(
    z.object({
      path: z.string(),
      /** Of a renamed one. */
      oldPath: z.string().nullable(),
      status: z.enum(['added', 'modified', 'deleted', 'renamed', 'typechange']),
      oldMode: z.string(),
      newMode: z.string(),
      binary: z.boolean(),
      addedLines: z.int(),
      removedLines: z.int(),
      /** As git writes it; null for binary and very long ones: git has these, between the two commits. */
      text: z.string().nullable(),
    }),
  ),
});
export type TaskDiff = z.output<typeof taskDiff>;
