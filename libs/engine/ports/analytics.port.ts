import type { AnalyticsKey, AnalyticsView } from '#contracts/api/analytics.js';

/** Which attempts, and how they are put together. */
export interface AnalyticsQuestion {
  /** One or two different ones. */
  readonly by: readonly AnalyticsKey[];
  readonly planId?: string | undefined;
  readonly repositoryId?: string | undefined;
  /** Days in UTC on which they began, both included: `2026-11-21`. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** What attempts came to, in sums. */
export interface Analytics {
  analytics(question: AnalyticsQuestion): Promise<AnalyticsView>;
}
