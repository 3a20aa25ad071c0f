import type { Operation } from './operation.js';
import { outputQuery, outputView, transcriptQuery, transcriptView } from './sessions.js';

/** What attempts say and show while they work. */
export const SESSIONS: readonly Operation[] = [
  {
    id: 'readTranscript',
    method: 'get',
    path: '/api/plan-tasks/{task}/attempts/{attempt}/transcript',
    tag: 'Tasks',
    summary: 'The conversation of an attempt with its model',
    query: transcriptQuery,
    answer: { status: 200, description: 'A part of it', schema: transcriptView },
    refusals: ['not_found', 'invalid'],
  },
  {
    id: 'readOutput',
    method: 'get',
    path: '/api/plan-tasks/{task}/attempts/{attempt}/output',
    tag: 'Tasks',
    summary: 'What an attempt shows, also while it runs: ask again for what came after',
    query: outputQuery,
    answer: { status: 200, description: 'A part of it', schema: outputView },
    refusals: ['not_found', 'invalid'],
  },
];
