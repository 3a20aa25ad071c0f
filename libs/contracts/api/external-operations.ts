import {
  claimedTask,
  claimTaskRequest,
  heartbeatRequest,
  heartbeatView,
  readyQuery,
  readyTasks,
  taskContext,
} from './external.js';
import type { Operation } from './operation.js';

/** What programs outside do, beside the steps that people have. */
export const EXTERNAL: readonly Operation[] = [
  {
    id: 'listReady',
    method: 'get',
    path: '/api/ready',
    tag: 'Tasks',
    summary: 'Tasks that can be claimed now: nobody but who is outside carries them out',
    query: readyQuery,
    answer: { status: 200, description: 'They, the most urgent first', schema: readyTasks },
    refusals: ['not_found', 'invalid'],
  },
  {
    id: 'claimTask',
    method: 'post',
    path: '/api/plan-tasks/{task}/claim',
    tag: 'Tasks',
    summary: 'Take a task: no worker gets it, until it is handed in, given back or, under a lease, abandoned',
    headers: ['Idempotency-Key'],
    body: claimTaskRequest,
    bodyRequired: false,
    answer: {
      status: 202,
      description: 'The task, and the lease',
      schema: claimedTask,
      headers: ['ETag', 'Idempotent-Replayed'],
    },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
  {
    id: 'heartbeatTask',
    method: 'post',
    path: '/api/plan-tasks/{task}/heartbeat',
    tag: 'Tasks',
    summary: 'Extend the lease of a claim: its holder still works',
    body: heartbeatRequest,
    answer: { status: 200, description: 'Until when it holds', schema: heartbeatView },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
  {
    id: 'readTaskContext',
    method: 'get',
    path: '/api/plan-tasks/{task}/context',
    tag: 'Tasks',
    summary: 'What whoever carries a task out has to know',
    answer: { status: 200, description: 'The context', schema: taskContext },
    refusals: ['not_found'],
  },
];
