import { planEstimate } from './estimate.js';
import type { Operation } from './operation.js';
import { spendQuery, spendView } from './spend.js';

/** What the API says of money. */
export const SPEND: readonly Operation[] = [
  {
    id: 'readSpend',
    method: 'get',
    path: '/api/spend',
    tag: 'Plans',
    summary: 'What calls of models cost, per day and in all',
    query: spendQuery,
    answer: { status: 200, description: 'Sums', schema: spendView },
    refusals: ['invalid'],
  },
  {
    id: 'estimatePlan',
    method: 'get',
    path: '/api/plans/{plan}/estimate',
    tag: 'Plans',
    summary: 'What the tasks of a plan may cost from now on',
    answer: { status: 200, description: 'Ranges, and what they are based on', schema: planEstimate },
    refusals: ['not_found'],
  },
];
