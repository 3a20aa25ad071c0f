import { z } from 'zod';
import { executorFileSchema } from '../plan/executor-file.js';
import { planFileSchema } from '../plan/plan-file.js';
import { CLEAN, isClean } from '../text.js';
import { pageQuery } from './page.js';
import { repositoryOrigin } from './repositories.js';

const model = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,99}$/, 'must be the name of a model, such as claude-opus-4-5');
const description = z.string().max(50_000).refine(isClean, CLEAN);
const choice = {
  /** Who carries its tasks out, as in a plan file; a model by default. */
  executor: executorFileSchema.optional(),
  model: model.optional(),
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
};

/** `POST /api/plans/generate` */
export const generatePlanRequest = z.strictObject({
  repository: repositoryOrigin,
  title: planFileSchema.shape.name,
  description: description.default(''),
  base: planFileSchema.shape.base,
  target: planFileSchema.shape.target,
  budget: planFileSchema.shape.budget,
  ...choice,
});
export type GeneratePlanRequest = z.output<typeof generatePlanRequest>;

/** `POST /api/plans/:plan/generate`: what is absent is as it was asked before. */
export const generateAgainRequest = z
  .strictObject({ description: description.optional(), ...choice })
  .optional();
export type GenerateAgainRequest = z.output<typeof generateAgainRequest>;

/** `GET /api/plans/:plan/iterations?…` */
export const listIterationsQuery = z.strictObject(pageQuery);
export type ListIterationsQuery = z.output<typeof listIterationsQuery>;

/** One change of a plan as a whole, or work of a model on it. */
export const iterationView = z.object({
  number: z.int(),
  /** `created`, `edit`, `rewind`, `waiver`, `generate`, `review` … */
  kind: z.string(),
  status: z.enum(['queued', 'running', 'succeeded', 'failed']),
  summary: z.string(),
  changes: z.array(z.unknown()),
  actor: z.string(),
  /** Why it failed. */
  message: z.string().nullable(),
  /** Null where no model was called. */
  model: z.string().nullable(),
  tokens: z.object({ input: z.int(), output: z.int(), cacheWrite: z.int(), cacheRead: z.int() }),
  costUsd: z.number(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type IterationView = z.output<typeof iterationView>;

/** `GET /api/plans/:plan/iterations` */
export const iterationPage = z.object({ items: z.array(iterationView), nextCursor: z.string().nullable() });
export type IterationPage = z.output<typeof iterationPage>;

/** `GET /api/plans/:plan/iterations/:number` */
export const iterationDetail = iterationView.extend({
  /** What a model was asked for. */
  request: z.unknown(),
  /** What its answer came to. */
  result: z.unknown(),
  /** The text of a model that could not be used. */
  rawText: z.string().nullable(),
});
export type IterationDetail = z.output<typeof iterationDetail>;
