import { analyticsQuery, analyticsView } from './analytics.js';
import type { Operation } from './operation.js';

/** What the API says of work as a whole. */
export const ANALYTICS: readonly Operation[] = [
  {
    id: 'readAnalytics',
    method: 'get',
    path: '/api/analytics',
    tag: 'Plans',
    summary: 'Cost, time, first passes and retries by profile, executor, model and week',
    query: analyticsQuery,
    answer: { status: 200, description: 'A row for each group, and all together', schema: analyticsView },
    refusals: ['not_found', 'invalid'],
  },
];
