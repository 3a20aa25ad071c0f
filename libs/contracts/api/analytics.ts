import { z } from 'zod';
import { FAILURES } from '#domain/plan/retry.js';
import { wordsOf } from '../text.js';
import { planReference } from './references.js';

/** What attempts can be grouped by. */
export const ANALYTICS_KEYS = ['profile', 'executor', 'model', 'week'] as const;
export type AnalyticsKey = (typeof ANALYTICS_KEYS)[number];

const keys = z
  .array(z.enum(ANALYTICS_KEYS, { error: `must be one of ${ANALYTICS_KEYS.join(', ')}` }))
  .min(1, 'must be one or two')
  .max(2, 'must be one or two')
  .refine((list) => new Set(list).size === list.length, 'must be different ones');

/** `GET /api/analytics?…` */
export const analyticsQuery = z
  .strictObject({
    by: z
      .string()
      .default('profile')
      .transform(wordsOf)
      .pipe(keys)
      .describe('One or two of profile, executor, model and week, with a comma between them.'),
    plan: planReference.optional().describe('Only attempts of this plan: its number or id.'),
    repository: z.uuid().optional().describe('Only attempts of plans on this repository.'),
    from: z.iso.date().optional().describe('Only attempts that began on this day in UTC, or later.'),
    to: z.iso.date().optional().describe('Only attempts that began on this day in UTC, or earlier.'),
  })
  .refine(({ from = '', to }) => to === undefined || from <= to, {
    message: 'must not be before from',
    path: ['to'],
  });
export type AnalyticsQuery = z.output<typeof analyticsQuery>;

const share = z.object({
  /** Tasks whose first judged attempt is in the group. */
  judged: z.int(),
  /** Those whose first judged attempt passed. */
  passed: z.int(),
  /** Passed by judged, 0 to 1; null: none was judged. */
  rate: z.number().nullable(),
});

const sums = z.object({
  /** That began. */
  attempts: z.int(),
  tasks: z.int(),
  /** Tasks that one of the attempts completed. */
  completed: z.int(),
  firstPass: share,
  /** Attempts that failed and were followed by another one of their task. */
  retries: z.int(),
  /** Why attempts failed, the most frequent reason first. */
  failures: z.array(z.object({ failure: z.enum(FAILURES), attempts: z.int(), retries: z.int() })),
  /** Of ended attempts, from the claim to the verdict, in milliseconds; null: none ended. */
  duration: z.object({ p50: z.int(), p95: z.int(), total: z.int() }).nullable(),
  /** Of the calls of models, in whole micro-dollars. */
  cost: z.object({
    micros: z.int(),
    /** By completed tasks; null: none was completed. */
    microsPerTask: z.int().nullable(),
    inputTokens: z.int(),
    outputTokens: z.int(),
    cacheReadTokens: z.int(),
    cacheWriteTokens: z.int(),
    calls: z.int(),
  }),
});
export type AnalyticsSums = z.output<typeof sums>;

/** Where it is grouped by that; null: no profile, no model. */
const group = z.string().nullable().optional();

export const analyticsRow = sums.extend({
  profile: group,
  executor: group,
  model: group,
  /** ISO week in UTC: `2026-W47`. */
  week: group,
});
export type AnalyticsRow = z.output<typeof analyticsRow>;

export const analyticsView = z.object({
  by: z.array(z.enum(ANALYTICS_KEYS)),
  /** By their groups; what has none comes last. */
  rows: z.array(analyticsRow),
  total: sums,
});
export type AnalyticsView = z.output<typeof analyticsView>;
