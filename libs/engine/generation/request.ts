import { z } from 'zod';
import type { Effort } from '../ports/llm.port.js';

/** What a plan is generated from, as it is kept with the iteration. */
export const generationRequest = z.strictObject({
  title: z.string(),
  description: z.string(),
  /** Who carries every task out, as a plan file has it: the caller's word, never the model's. */
  executor: z.record(z.string(), z.unknown()),
  model: z.string(),
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max'] satisfies Effort[]).nullable(),
});
export type GenerationRequest = z.output<typeof generationRequest>;
