import { z } from 'zod';
import { CLEAN, isClean } from '../text.js';

/** `POST /api/plan-specs/validate` */
export const validateSpecRequest = z.strictObject({
  yaml: z.string().min(1).max(1_000_000).refine(isClean, CLEAN),
});
export type ValidateSpecRequest = z.output<typeof validateSpecRequest>;

/** A spec with problems is an answer, not a refusal: the question was whether it has any. */
export const specValidation = z.object({
  ok: z.boolean(),
  /** SHA-256 of the text, by which an attempt pins it; null when it has problems. */
  hash: z.string().nullable(),
  problems: z.array(z.object({ path: z.string(), message: z.string(), line: z.int(), column: z.int() })),
});
export type SpecValidation = z.output<typeof specValidation>;

export const specView = z.object({
  id: z.uuid(),
  planId: z.uuid(),
  specYaml: z.string(),
  specType: z.string(),
  hash: z.string(),
  createdAt: z.iso.datetime(),
});
export type SpecView = z.output<typeof specView>;
