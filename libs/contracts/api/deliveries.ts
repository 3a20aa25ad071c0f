import { z } from 'zod';
import { DELIVERY_OUTCOMES, DELIVERY_WAYS } from '#domain/plan/delivery.js';
import { DELIVERY_STATUSES } from '#domain/plan/delivery.machine.js';
import { executorFileSchema } from '../plan/executor-file.js';
import { verdictView } from './plans.js';

const BRANCH = 'must be the name of a branch';
/** What git refuses in the name of a branch, or takes for something else. */
const NO_BRANCH = /\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|^[-/.]|[/.]$|^@$|^HEAD$/;
const branch = z
  .string()
  .max(200)
  .regex(/^[^\u0000-\u0020\u007f~^:?*[\\]+$/, BRANCH)
  .refine((name) => !NO_BRANCH.test(name), BRANCH);

/** `GET /api/plans/:plan/delivery?…` */
export const previewDeliveryQuery = z.strictObject({
  target: branch.optional().describe('The branch that the plan is for; its own by default.'),
});
export type PreviewDeliveryQuery = z.output<typeof previewDeliveryQuery>;

/** `POST /api/plans/:plan/finish` */
export const finishPlanRequest = z.strictObject({
  /** By default a pull request where the forge of the origin is known, else the commands for doing it by hand. */
  way: z.enum(DELIVERY_WAYS).optional(),
  /** The plan's own by default. */
  target: branch.optional(),
  /** Who resolves conflicts, if there are any; a person by default. */
  executor: executorFileSchema.optional(),
});
export type FinishPlanRequest = z.output<typeof finishPlanRequest>;

export const deliveryView = z.object({
  id: z.uuid(),
  /** 1-based within the plan. */
  number: z.int(),
  way: z.enum(DELIVERY_WAYS),
  status: z.enum(DELIVERY_STATUSES),
  /** What came of it, once it is `delivered`. */
  outcome: z.enum(DELIVERY_OUTCOMES).nullable(),
  targetBranch: z.string(),
  /** The plan's tip when it was asked for. */
  tipCommit: z.string(),
  /** The target branch as it was fetched last. */
  targetCommit: z.string().nullable(),
  /** What is delivered: plan and target in one tree. */
  commit: z.string().nullable(),
  /** Of the merged tree; null: it is not known yet, or the tree is the plan's own. */
  verdict: verdictView.nullable(),
  /** Files that did not merge, and the task that was added to resolve them. */
  conflicts: z.array(z.string()),
  task: z.int().nullable(),
  /** How a person brings it there by hand. */
  commands: z.array(z.string()),
  pullRequest: z.object({ number: z.int(), url: z.string() }).nullable(),
  /** Why it ended without being delivered, and what to do. */
  message: z.string().nullable(),
  remedy: z.string().nullable(),
  actor: z.string(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type DeliveryView = z.output<typeof deliveryView>;

/** `GET /api/plans/:plan/deliveries` */
export const deliveryList = z.object({ items: z.array(deliveryView) });
export type DeliveryList = z.output<typeof deliveryList>;

/** How a plan stands to the branch that it is for, as the origin has that now. */
export const deliveryPreview = z.object({
  branch: z.string(),
  tip: z.string(),
  /** Commits of the target that the plan does not have, and the other way round. */
  behind: z.int(),
  ahead: z.int(),
  /** Files that both sides changed. */
  touches: z.array(z.string()),
  /** Those of them that do not merge. */
  conflicts: z.array(z.string()),
});
export type DeliveryPreviewView = z.output<typeof deliveryPreview>;
