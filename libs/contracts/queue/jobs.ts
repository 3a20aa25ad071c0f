import { z } from 'zod';
import type { Stage } from '#domain/plan/decision.js';

/** The catalogue of jobs: a queue per kind of work, and payloads of ids only. */

export const QUEUE_NAMES = ['generation', 'review', 'execution', 'integration', 'verification'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

export const jobPayloadSchema = z.strictObject({
  planId: z.uuid(),
  /** The attempt, verification run, integration, judgement or iteration. */
  id: z.uuid(),
});
export type JobPayload = z.output<typeof jobPayloadSchema>;

/** Where each stage of an attempt is delivered. */
export const STAGE_QUEUE: { readonly [S in Stage]: QueueName } = {
  execute: 'execution',
  verify: 'verification',
  integrate: 'integration',
  judge: 'verification',
  generate: 'generation',
  review: 'review',
};

/** `<row>-<stage>-<delivery n>`: always fresh, since an id that still exists would be ignored. */
export function jobId(row: string, stage: Stage, delivery: number): string {
  return `${row}-${stage}-${delivery}`;
}
