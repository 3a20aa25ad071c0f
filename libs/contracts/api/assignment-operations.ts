import {
  assignmentHistory,
  assignmentPage,
  assignmentsQuery,
  assignRequest,
  handOverItemRequest,
} from './assignments.js';
import type { Operation } from './operation.js';
import {
  closeWorkItemRequest,
  createWorkItemRequest,
  workItemPage,
  workItemsQuery,
  workItemView,
} from './work-items.js';

const TAG = 'Assignments';

function history(thing: 'task' | 'item', path: string): Operation {
  return {
    id: thing === 'task' ? 'readTaskAssignments' : 'readWorkItemAssignments',
    method: 'get',
    path: `${path}/assignments`,
    tag: TAG,
    summary: thing === 'task' ? 'Whose a task is, and was' : 'Whose a work item is, and was',
    answer: { status: 200, description: 'All of it, the first one first', schema: assignmentHistory },
    refusals: ['not_found'],
  };
}

function itemStep(name: string, summary: string, body?: Operation['body']): Operation {
  const id = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return {
    id: `${id}WorkItem`,
    method: 'post',
    path: `/api/work-items/{item}/${name}`,
    tag: TAG,
    summary,
    headers: ['Idempotency-Key'],
    ...(body === undefined ? {} : { body, bodyRequired: true }),
    answer: {
      status: 202,
      description: 'The work item after it',
      schema: workItemView,
      headers: ['Idempotent-Replayed'],
    },
    refusals: ['not_found', 'conflict', 'invalid'],
  };
}

/** Whose work is, and work that is no task of a plan. */
export const ASSIGNMENTS: readonly Operation[] = [
  history('task', '/api/plan-tasks/{task}'),
  {
    id: 'listAssignments',
    method: 'get',
    path: '/api/assignments',
    tag: TAG,
    summary: 'Who has what, of plans and work items',
    query: assignmentsQuery,
    answer: { status: 200, description: 'A page of them', schema: assignmentPage, headers: ['Link'] },
    refusals: ['invalid'],
  },
  {
    id: 'createWorkItem',
    method: 'post',
    path: '/api/work-items',
    tag: TAG,
    summary: 'Work on a repository that is no task of a plan',
    headers: ['Idempotency-Key'],
    body: createWorkItemRequest,
    answer: {
      status: 201,
      description: 'The work item',
      schema: workItemView,
      headers: ['Idempotent-Replayed'],
    },
    refusals: ['conflict', 'invalid'],
  },
  {
    id: 'listWorkItems',
    method: 'get',
    path: '/api/work-items',
    tag: TAG,
    summary: 'Work items, the latest first',
    query: workItemsQuery,
    answer: { status: 200, description: 'A page of them', schema: workItemPage, headers: ['Link'] },
    refusals: ['invalid'],
  },
  {
    id: 'readWorkItem',
    method: 'get',
    path: '/api/work-items/{item}',
    tag: TAG,
    summary: 'A work item: by its id, or as w4',
    answer: { status: 200, description: 'The work item', schema: workItemView },
    refusals: ['not_found'],
  },
  history('item', '/api/work-items/{item}'),
  itemStep('assign', 'Say whose a work item is', assignRequest),
  itemStep('hand-over', 'Give a work item to somebody else, with what is known', handOverItemRequest),
  itemStep('start', 'Say that its assignee works on it'),
  itemStep('pause', 'Say that nobody works on it at the moment'),
  itemStep('resume', 'Say that its assignee works on it again'),
  itemStep('close', 'Say that it is done, or will not be', closeWorkItemRequest),
];
