import { z } from 'zod';

/** USD: seldom less, half of the time less, seldom more. */
export const costRange = z.object({ low: z.number(), expected: z.number(), high: z.number() });

export const taskEstimate = z.object({
  number: z.int(),
  title: z.string(),
  /** Of its first attempt; null: none is called, or nobody knows it. */
  model: z.string().nullable(),
  /**
   * `free`: no model is called. `done`: it has ended. `past`: tasks of the same kind and model, of this installation.
   * `prompt`: the length of what the model is given. `unknown`: its model has no price.
   */
  basis: z.enum(['free', 'done', 'past', 'prompt', 'unknown']),
  /** Tasks that it is compared with. */
  pastTasks: z.int(),
  usd: costRange.nullable(),
});

/** `GET /api/plans/:plan/estimate` */
export const planEstimate = z.object({
  /** From now on, of the tasks that something is known of. */
  usd: costRange,
  tasks: z.array(taskEstimate),
});
export type PlanEstimate = z.output<typeof planEstimate>;
