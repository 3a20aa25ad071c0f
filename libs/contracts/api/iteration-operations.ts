import * as iterations from './iterations.js';
import type { Operation } from './operation.js';
import { planView } from './plans.js';

const PLAN = { status: 202, schema: planView, headers: ['ETag', 'Idempotent-Replayed'] } as const;

/** What the API can do with plans that models write, and with the history of plans. */
export const ITERATIONS: readonly Operation[] = [
  {
    id: 'generatePlan',
    method: 'post',
    path: '/api/plans/generate',
    tag: 'Plans',
    summary: 'Have a model write a plan from a title and a description',
    headers: ['Idempotency-Key'],
    body: iterations.generatePlanRequest,
    bodyRequired: true,
    answer: { ...PLAN, description: 'The plan, in state generating, without phases' },
    refusals: ['conflict', 'invalid', 'unavailable'],
  },
  {
    id: 'generatePlanAgain',
    method: 'post',
    path: '/api/plans/{plan}/generate',
    tag: 'Plans',
    summary: 'Have a model write a draft of which nothing came',
    headers: ['Idempotency-Key'],
    body: iterations.generateAgainRequest,
    bodyRequired: false,
    answer: { ...PLAN, description: 'The plan, in state generating' },
    refusals: ['not_found', 'conflict', 'invalid', 'unavailable'],
  },
  {
    id: 'listIterations',
    method: 'get',
    path: '/api/plans/{plan}/iterations',
    tag: 'Plans',
    summary: 'The history of a plan as a whole: who or which model changed what, and at which cost',
    query: iterations.listIterationsQuery,
    answer: {
      status: 200,
      description: 'A page of iterations, in order',
      schema: iterations.iterationPage,
      headers: ['Link'],
    },
    refusals: ['not_found', 'invalid'],
  },
  {
    id: 'getIteration',
    method: 'get',
    path: '/api/plans/{plan}/iterations/{number}',
    tag: 'Plans',
    summary: 'One iteration, with what was asked, what came of it, and a text that could not be used',
    answer: { status: 200, description: 'The iteration', schema: iterations.iterationDetail },
    refusals: ['not_found'],
  },
];
