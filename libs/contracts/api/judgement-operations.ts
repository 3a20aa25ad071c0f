import { judgementView, judgeTaskRequest, taskVerdict, verdictQuery } from './judgements.js';
import type { Operation } from './operation.js';

export const JUDGEMENTS: readonly Operation[] = [
  {
    id: 'judgeTask',
    method: 'post',
    path: '/api/plan-tasks/{task}/judge',
    tag: 'Tasks',
    summary: 'Ask for the verdict on a commit; of plan and task nothing changes',
    headers: ['Idempotency-Key'],
    body: judgeTaskRequest,
    answer: {
      status: 202,
      description: 'The judgement, which goes on after the answer',
      schema: judgementView,
      headers: ['Idempotent-Replayed'],
    },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
  {
    id: 'readJudgement',
    method: 'get',
    path: '/api/judgements/{id}',
    tag: 'Tasks',
    summary: 'How a judgement stands, and its verdict',
    answer: { status: 200, description: 'The judgement', schema: judgementView },
    refusals: ['not_found'],
  },
  {
    id: 'readTaskVerdict',
    method: 'get',
    path: '/api/plan-tasks/{task}/verdict',
    tag: 'Tasks',
    summary: "The last verdict on a task's work, as JSON or as SARIF",
    query: verdictQuery,
    answer: { status: 200, description: 'The verdict', schema: taskVerdict },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
];
