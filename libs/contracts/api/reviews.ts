import { z } from 'zod';
import { REVIEW_SCOPES, REVIEW_TYPES } from '#domain/iteration/suggestion.js';
import { executorFileSchema } from '../plan/executor-file.js';
import { CLEAN, isClean } from '../text.js';

const model = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,99}$/, 'must be the name of a model, such as claude-opus-4-5');

/** `POST /api/plans/:plan/review` */
export const reviewPlanRequest = z.strictObject({
  reviewType: z.enum(REVIEW_TYPES),
  scope: z.enum(REVIEW_SCOPES).default('plan'),
  /** Of a phase its id or number, of a task its id, number or key. */
  targetId: z.string().trim().min(1).max(100).optional(),
  /** What is to be looked at besides. */
  instructions: z.string().max(10_000).refine(isClean, CLEAN).default(''),
  /** Who carries out the tasks that it adds; by default who carries out the others. */
  executor: executorFileSchema.optional(),
  model: model.optional(),
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
});
export type ReviewPlanRequest = z.output<typeof reviewPlanRequest>;

const number = z.int().min(1).max(1_000_000_000);

/** `POST /api/plans/:plan/apply-suggestions` and `…/preview-suggestions` */
export const applySuggestionsRequest = z.strictObject({
  /** Number or id of the review. */
  iterationId: z.union([number, z.uuid()], 'must be the number or the id of a review'),
  /** 0-based; absent: all that are not applied yet. */
  suggestionIndices: z.array(z.int().min(0).max(1_000)).min(1).max(100).optional(),
});
export type ApplySuggestionsRequest = z.output<typeof applySuggestionsRequest>;

/** What an application did, or would do. */
export const suggestionsOutcome = z.object({
  /** Number of the review. */
  review: z.int(),
  applied: z.array(z.int()),
  /** Applied before: nothing was done again. */
  already: z.array(z.int()),
  /** Left out: its target changed since, or the plan cannot take it as it is now. */
  refused: z.array(z.object({ index: z.int(), reason: z.string() })),
  changes: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })),
  /** The revision of the plan. */
  revision: z.int(),
});
export type SuggestionsOutcome = z.output<typeof suggestionsOutcome>;

export const suggestionView = z.object({
  index: z.int(),
  operation: z.string(),
  /** What it changes: `task 3 (users)`, `phase 2 (Migrate)`. */
  target: z.string(),
  reason: z.string(),
  /** What the reviewer saw; null where something is added. */
  before: z.unknown(),
  /** What it would be; null where something is removed. */
  after: z.unknown(),
  /** `stale`: its target is not what the reviewer saw. */
  status: z.enum(['open', 'applied', 'stale']),
  /** Why it is stale. */
  why: z.string().nullable(),
  /** The revision of the plan that applied it. */
  appliedIn: z.int().nullable(),
});
export type SuggestionView = z.output<typeof suggestionView>;

/** `GET /api/plans/:plan/reviews/:number` */
export const reviewView = z.object({
  number: z.int(),
  status: z.enum(['queued', 'running', 'succeeded', 'failed']),
  reviewType: z.enum(REVIEW_TYPES),
  scope: z.enum(REVIEW_SCOPES),
  model: z.string(),
  /** Why it failed. */
  message: z.string().nullable(),
  suggestions: z.array(suggestionView),
  /** What the model suggested and could not be done. */
  unusable: z.array(z.object({ operation: z.string(), reason: z.string(), why: z.string() })),
});
export type ReviewView = z.output<typeof reviewView>;
