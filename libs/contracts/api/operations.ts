import { z } from 'zod';
import { planFileSchema } from '../plan/plan-file.js';
import { AGENTS } from './agent-operations.js';
import { ASSIGNMENTS } from './assignment-operations.js';
import { assignRequest, handOverTaskRequest } from './assignments.js';
import { planAudit } from './audit.js';
import { CONTRACTS } from './contract-operations.js';
import { DELIVERIES } from './delivery-operations.js';
import { eventsQuery } from './events.js';
import { EXTERNAL } from './external-operations.js';
import { health } from './health.js';
import type { AnswerHeader, Operation } from './operation.js';
import { ITERATIONS } from './iteration-operations.js';
import { JUDGEMENTS } from './judgement-operations.js';
import { createPhaseRequest, rejectPhaseRequest, updatePhaseRequest } from './phases.js';
import { specValidation, specView, validateSpecRequest } from './plan-specs.js';
import * as tasks from './plan-tasks.js';
import * as plans from './plans.js';
import { REPOSITORIES } from './repository-operations.js';
import { REVIEWS } from './review-operations.js';
import { SESSIONS } from './session-operations.js';
import { answerTaskRequest } from './sessions.js';
import { sendSignalRequest, signalView } from './signals.js';
import { SNAPSHOTS } from './snapshot-operations.js';
import { ANALYTICS } from './analytics-operations.js';
import { SPEND } from './spend-operations.js';
import { taskDiffQuery } from './snapshots.js';

const REPLAYABLE: readonly AnswerHeader[] = ['ETag', 'Idempotent-Replayed'];
const gone = { status: 204, description: 'Deleted' };
const eventStream = (description: string) => ({ status: 200, description, type: 'text/event-stream' });

/** Where the steps of each thing are. */
const PLACES = {
  plan: { suffix: 'Plan', path: '/api/plans/{plan}', tag: 'Plans' },
  phase: { suffix: 'Phase', path: '/api/phases/{id}', tag: 'Phases' },
  task: { suffix: 'Task', path: '/api/plan-tasks/{task}', tag: 'Tasks' },
} as const;

/** A step of a plan, phase or task that goes on after the answer. */
function step(
  thing: keyof typeof PLACES,
  name: string,
  summary: string,
  body?: z.ZodType,
  bodyRequired = false,
): Operation {
  const { suffix, path, tag } = PLACES[thing];
  return {
    id: `${name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}${suffix}`,
    method: 'post',
    path: `${path}/${name}`,
    tag,
    summary,
    headers: ['Idempotency-Key'],
    ...(body === undefined ? {} : { body, bodyRequired }),
    answer: {
      status: 202,
      description: thing === 'task' ? 'The task after it' : 'The plan after it',
      schema: thing === 'task' ? tasks.taskDetail : plans.planView,
      headers: REPLAYABLE,
    },
    refusals: ['not_found', 'conflict', 'invalid'],
  };
}

const PLANS: readonly Operation[] = [
  {
    id: 'listPlans',
    method: 'get',
    path: '/api/plans',
    tag: 'Plans',
    summary: 'Plans without their phases, the latest first',
    query: plans.listPlansQuery,
    answer: { status: 200, description: 'A page of plans', schema: plans.planPage, headers: ['Link'] },
    refusals: ['invalid'],
  },
  {
    id: 'createPlan',
    method: 'post',
    path: '/api/plans',
    tag: 'Plans',
    summary: 'Create a plan, whole or not at all',
    headers: ['Idempotency-Key'],
    body: plans.createPlanRequest,
    answer: { status: 201, description: 'The plan', schema: plans.planView, headers: REPLAYABLE },
    refusals: ['invalid', 'conflict'],
  },
  {
    id: 'readPlan',
    method: 'get',
    path: '/api/plans/{plan}',
    tag: 'Plans',
    summary: 'A plan with phases, tasks, attempts and verdicts',
    answer: { status: 200, description: 'The plan', schema: plans.planView, headers: ['ETag'] },
    refusals: ['not_found'],
  },
  {
    id: 'updatePlan',
    method: 'patch',
    path: '/api/plans/{plan}',
    tag: 'Plans',
    summary: 'Change what a plan says of itself',
    headers: ['If-Match'],
    body: plans.updatePlanRequest,
    answer: { status: 200, description: 'The plan', schema: plans.planView, headers: ['ETag'] },
    refusals: ['not_found', 'conflict', 'precondition_failed', 'invalid'],
  },
  {
    id: 'deletePlan',
    method: 'delete',
    path: '/api/plans/{plan}',
    tag: 'Plans',
    summary: 'Delete a plan that never ran; hide one that did',
    headers: ['If-Match'],
    answer: gone,
    refusals: ['not_found', 'conflict', 'precondition_failed', 'invalid'],
  },
  step('plan', 'execute', 'Start a plan'),
  step(
    'plan',
    'pause',
    'Start nothing more; what runs comes to its end, or is stopped',
    plans.pausePlanRequest,
  ),
  step('plan', 'resume', 'Go on with a paused plan', plans.resumePlanRequest),
  step('plan', 'cancel', 'End a plan for good; what landed stays', plans.noteRequest),
  step(
    'plan',
    'archive',
    'Close a plan for ever: a signed archive of it is stored',
    plans.archivePlanRequest,
  ),
  {
    id: 'readArchive',
    method: 'get',
    path: '/api/plans/{plan}/archive',
    tag: 'Plans',
    summary: 'The archive of a plan as one file, for planwright verify-archive',
    answer: { status: 200, description: 'A tar: docs/archive.md', type: 'application/x-tar' },
    refusals: ['not_found', 'conflict'],
  },
  {
    id: 'auditPlan',
    method: 'get',
    path: '/api/plans/{plan}/audit',
    tag: 'Plans',
    summary:
      'What a plan claims, computed again: its events, its rows, its branch, its refs and every verdict',
    answer: { status: 200, description: 'What came out', schema: planAudit },
    refusals: ['not_found', 'unavailable'],
  },
  {
    id: 'sendSignal',
    method: 'post',
    path: '/api/plans/{plan}/signals',
    tag: 'Plans',
    summary: 'Tell a plan of an event that its tasks may wait for; the first of a name counts',
    headers: ['Idempotency-Key'],
    body: sendSignalRequest,
    answer: {
      status: 201,
      description: 'The signal; 200 with the one that is stored when it was sent before',
      schema: signalView,
      headers: ['Idempotent-Replayed'],
    },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
  {
    id: 'exportPlan',
    method: 'get',
    path: '/api/plans/{plan}/export',
    tag: 'Plans',
    summary: 'A plan as a plan file has it, from which the same plan can be created',
    answer: { status: 200, description: 'The plan file as JSON', schema: planFileSchema },
    refusals: ['not_found'],
  },
];

const EVENTS: readonly Operation[] = [
  {
    id: 'followAll',
    method: 'get',
    path: '/api/events',
    tag: 'Events',
    summary: 'Every event of all plans above a cursor, then each new one (FeedEvent)',
    query: eventsQuery,
    headers: ['Last-Event-ID'],
    answer: eventStream('Server-sent events; each data is a FeedEvent'),
    refusals: ['invalid'],
  },
  {
    id: 'followPlan',
    method: 'get',
    path: '/api/plans/{plan}/events',
    tag: 'Events',
    summary: 'Every event of a plan above a cursor, then each new one (PlanEvent)',
    query: eventsQuery,
    headers: ['Last-Event-ID'],
    answer: eventStream('Server-sent events; each data is a PlanEvent'),
    refusals: ['not_found', 'invalid'],
  },
];

const PHASES: readonly Operation[] = [
  {
    id: 'createPhase',
    method: 'post',
    path: '/api/phases',
    tag: 'Phases',
    summary: 'Add a phase to a plan that has not ended',
    headers: ['Idempotency-Key', 'If-Match'],
    body: createPhaseRequest,
    answer: { status: 201, description: 'The plan', schema: plans.planView, headers: REPLAYABLE },
    refusals: ['not_found', 'conflict', 'precondition_failed', 'invalid'],
  },
  {
    id: 'updatePhase',
    method: 'patch',
    path: '/api/phases/{id}',
    tag: 'Phases',
    summary: 'Change or move a phase that has not ended',
    headers: ['If-Match'],
    body: updatePhaseRequest,
    answer: { status: 200, description: 'The plan', schema: plans.planView, headers: ['ETag'] },
    refusals: ['not_found', 'conflict', 'precondition_failed', 'invalid'],
  },
  {
    id: 'deletePhase',
    method: 'delete',
    path: '/api/phases/{id}',
    tag: 'Phases',
    summary: 'Delete a phase that has not begun, and its tasks',
    headers: ['If-Match'],
    answer: gone,
    refusals: ['not_found', 'conflict', 'precondition_failed', 'invalid'],
  },
  step('phase', 'approve', 'Let what follows a phase begin, now that its tasks have ended'),
  step('phase', 'reject', 'Refuse it: the plan pauses', rejectPhaseRequest, true),
];

const TASKS: readonly Operation[] = [
  {
    id: 'createTask',
    method: 'post',
    path: '/api/plan-tasks',
    tag: 'Tasks',
    summary: 'Add a task to a phase that has not ended',
    headers: ['Idempotency-Key', 'If-Match'],
    body: tasks.createTaskRequest,
    answer: { status: 201, description: 'The task', schema: tasks.taskDetail, headers: REPLAYABLE },
    refusals: ['not_found', 'conflict', 'precondition_failed', 'invalid'],
  },
  {
    id: 'readTask',
    method: 'get',
    path: '/api/plan-tasks/{task}',
    tag: 'Tasks',
    summary: 'A task with what it is to do, its attempts and verdicts',
    answer: { status: 200, description: 'The task', schema: tasks.taskDetail, headers: ['ETag'] },
    refusals: ['not_found'],
  },
  {
    id: 'readTaskDiff',
    method: 'get',
    path: '/api/plan-tasks/{task}/diff',
    tag: 'Tasks',
    summary:
      'What was made of a task last: the diff that waits for a review, that landed, or that was rejected; or the diff of its snapshots',
    query: taskDiffQuery,
    answer: { status: 200, description: 'The diff', schema: tasks.taskDiff },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
  {
    id: 'updateTask',
    method: 'patch',
    path: '/api/plan-tasks/{task}',
    tag: 'Tasks',
    summary: 'Change or move a task that nobody works on and that has not ended',
    headers: ['If-Match'],
    body: tasks.updateTaskRequest,
    answer: { status: 200, description: 'The task', schema: tasks.taskDetail, headers: ['ETag'] },
    refusals: ['not_found', 'conflict', 'precondition_failed', 'invalid'],
  },
  {
    id: 'deleteTask',
    method: 'delete',
    path: '/api/plan-tasks/{task}',
    tag: 'Tasks',
    summary: 'Delete a task without attempts that has not ended',
    headers: ['If-Match'],
    answer: gone,
    refusals: ['not_found', 'conflict', 'precondition_failed', 'invalid'],
  },
  step('task', 'retry', 'Give a task that failed another go', tasks.retryTaskRequest),
  step('task', 'approve', 'Let a task begin, or its diff onto the branch', tasks.approveTaskRequest),
  step(
    'task',
    'reject',
    'Refuse to let a task begin, or its diff onto the branch',
    tasks.rejectTaskRequest,
    true,
  ),
  step('task', 'answer', 'Answer what a task asks: its session goes on', answerTaskRequest, true),
  step('task', 'skip', 'Leave a task out', tasks.skipTaskRequest, true),
  step('task', 'complete', 'Say that a task is done; nobody verifies it', tasks.completeTaskRequest, true),
  step('task', 'release', 'Give a claimed task back', tasks.releaseTaskRequest),
  step('task', 'fail', 'Say that a claimed task could not be done', tasks.failTaskRequest, true),
  step('task', 'submit', 'Hand the work of a task in, to be verified', tasks.submitTaskRequest, true),
  step('task', 'assign', 'Say whose a task is', assignRequest, true),
  step('task', 'hand-over', 'Give a task to somebody else, with what is known', handOverTaskRequest, true),
  step('task', 'pause', 'Say that nobody works on it at the moment'),
  step('task', 'resume', 'Say that its assignee works on it again'),
  step('task', 'verify', 'Judge the last candidate again, by the spec as it is now'),
];

const SPECS: readonly Operation[] = [
  {
    id: 'readSpec',
    method: 'get',
    path: '/api/plan-specs/{id}',
    tag: 'Specs',
    summary: 'A spec as it was written',
    answer: { status: 200, description: 'The spec', schema: specView },
    refusals: ['not_found'],
  },
  {
    id: 'validateSpec',
    method: 'post',
    path: '/api/plan-specs/validate',
    tag: 'Specs',
    summary: 'Look for problems in a spec; nothing is stored',
    body: validateSpecRequest,
    answer: { status: 200, description: 'What was found', schema: specValidation },
    refusals: ['invalid'],
  },
];

const ABOUT: readonly Operation[] = [
  {
    id: 'health',
    method: 'get',
    path: '/api/health',
    tag: 'About',
    summary: 'Whether the API and its database answer, and how untrusted processes are held',
    answer: { status: 200, description: 'They do', schema: health },
    refusals: ['unavailable'],
  },
  {
    id: 'openApi',
    method: 'get',
    path: '/api/openapi.json',
    tag: 'About',
    summary: 'This document',
    answer: { status: 200, description: 'OpenAPI 3.1', schema: z.record(z.string(), z.unknown()) },
    refusals: [],
  },
  {
    id: 'docs',
    method: 'get',
    path: '/api/docs',
    tag: 'About',
    summary: 'This document as a page for people, from which requests can be sent',
    answer: { status: 200, description: 'A page', type: 'text/html' },
    refusals: [],
  },
  {
    id: 'docsFile',
    method: 'get',
    path: '/api/docs/{file}',
    tag: 'About',
    summary: 'A script or style sheet of that page',
    answer: { status: 200, description: 'The file', type: 'text/*' },
    refusals: ['not_found'],
  },
];

/** Everything the API can do. The server refuses to start when its routes differ from this list. */
export const OPERATIONS: readonly Operation[] = [
  ...PLANS,
  ...ITERATIONS,
  ...CONTRACTS,
  ...EVENTS,
  ...PHASES,
  ...TASKS,
  ...EXTERNAL,
  ...ASSIGNMENTS,
  ...JUDGEMENTS,
  ...REVIEWS,
  ...SESSIONS,
  ...SNAPSHOTS,
  ...DELIVERIES,
  ...REPOSITORIES,
  ...AGENTS,
  ...SPEND,
  ...ANALYTICS,
  ...SPECS,
  ...ABOUT,
];
