import { contractList, waiveContractRequest } from './contracts.js';
import type { Operation } from './operation.js';

/** What the API can do with what finished tasks proved. */
export const CONTRACTS: readonly Operation[] = [
  {
    id: 'listContracts',
    method: 'get',
    path: '/api/plans/{plan}/contracts',
    tag: 'Plans',
    summary: 'What finished tasks proved, whether it stands, and by what it ended',
    answer: { status: 200, description: 'All of it, in order of tasks', schema: contractList },
    refusals: ['not_found'],
  },
  {
    id: 'waiveContract',
    method: 'post',
    path: '/api/plans/{plan}/contracts/waive',
    tag: 'Plans',
    summary: 'Let later tasks break what a finished one proved',
    headers: ['Idempotency-Key'],
    body: waiveContractRequest,
    bodyRequired: true,
    answer: {
      status: 202,
      description: 'All contracts after it',
      schema: contractList,
      headers: ['Idempotent-Replayed'],
    },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
];
