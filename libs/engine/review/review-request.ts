import { z } from 'zod';
import { REVIEW_SCOPES, REVIEW_TYPES } from '#domain/iteration/suggestion.js';
import { EFFORTS } from '../ports/llm.port.js';

/** What a review is asked for, as its iteration keeps it. */
export const reviewRequest = z.strictObject({
  type: z.enum(REVIEW_TYPES),
  scope: z.enum(REVIEW_SCOPES),
  /** Id of the phase or task that it is about; null: the plan. */
  targetId: z.string().nullable(),
  /** What whoever asked would like to have looked at. */
  instructions: z.string(),
  /** Who carries out what it adds, as stored; null: who carries out the plan's other tasks. */
  executor: z.record(z.string(), z.unknown()).nullable(),
  model: z.string(),
  effort: z.enum(EFFORTS).nullable(),
});
export type ReviewRequest = z.output<typeof reviewRequest>;
