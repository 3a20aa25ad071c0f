import type { Operation } from './operation.js';
import { applySuggestionsRequest, reviewPlanRequest, reviewView, suggestionsOutcome } from './reviews.js';

/** What the API can do with reviews of plans by models. */
export const REVIEWS: readonly Operation[] = [
  {
    id: 'reviewPlan',
    method: 'post',
    path: '/api/plans/{plan}/review',
    tag: 'Reviews',
    summary: 'Have a model review a plan, a phase or a task',
    headers: ['Idempotency-Key'],
    body: reviewPlanRequest,
    bodyRequired: true,
    answer: {
      status: 202,
      description: 'The review, queued',
      schema: reviewView,
      headers: ['Idempotent-Replayed'],
    },
    refusals: ['not_found', 'conflict', 'invalid', 'unavailable'],
  },
  {
    id: 'getReview',
    method: 'get',
    path: '/api/plans/{plan}/reviews/{number}',
    tag: 'Reviews',
    summary: 'A review with its suggestions, and which of them the plan can still take',
    answer: { status: 200, description: 'The review', schema: reviewView },
    refusals: ['not_found'],
  },
  {
    id: 'previewSuggestions',
    method: 'post',
    path: '/api/plans/{plan}/preview-suggestions',
    tag: 'Reviews',
    summary: 'What applying suggestions would change; nothing changes',
    body: applySuggestionsRequest,
    bodyRequired: true,
    answer: { status: 200, description: 'What would be applied and what not', schema: suggestionsOutcome },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
  {
    id: 'applySuggestions',
    method: 'post',
    path: '/api/plans/{plan}/apply-suggestions',
    tag: 'Reviews',
    summary: 'Apply suggestions of a review, in one transaction; applying one again changes nothing',
    headers: ['Idempotency-Key', 'If-Match'],
    body: applySuggestionsRequest,
    bodyRequired: true,
    answer: {
      status: 200,
      description: 'What was applied and what not',
      schema: suggestionsOutcome,
      headers: ['ETag', 'Idempotent-Replayed'],
    },
    refusals: ['not_found', 'conflict', 'invalid', 'precondition_failed'],
  },
];
