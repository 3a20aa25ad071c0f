import { z } from 'zod';

/** What calls of models cost. A call that is under way counts as the most that it can cost. */
export const costView = z.object({
  usd: z.number(),
  /** Without those written to a cache or read from one. */
  inputTokens: z.int(),
  outputTokens: z.int(),
  cacheReadTokens: z.int(),
  cacheWriteTokens: z.int(),
  calls: z.int(),
});
export type CostView = z.output<typeof costView>;

/** What a plan says that it may cost, in USD; what is absent is as configured. */
export const budgetView = z.object({ plan: z.number().optional(), attempt: z.number().optional() });

/** `GET /api/spend?…` */
export const spendQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(3_660).default(30).describe('How many days, today included.'),
});
export type SpendQuery = z.output<typeof spendQuery>;

export const spendView = z.object({
  /** In UTC, the latest first; those on which nothing was spent are left out. */
  days: z.array(costView.extend({ day: z.iso.date() })),
  /** Of all days there ever were. */
  total: costView,
  /** What a day may cost, in USD; null: there is no limit. */
  dayBudget: z.number().nullable(),
});
export type SpendView = z.output<typeof spendView>;
