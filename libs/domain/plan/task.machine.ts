import type { Machine } from './machine.js';

export const TASK_STATUSES = [
  'pending',
  'ready',
  'awaiting_approval',
  'waiting',
  'claimed',
  'queued',
  'executing',
  'verifying',
  'awaiting_review',
  'awaiting_answer',
  'integrating',
  'completed',
  'satisfied',
  'failed',
  'skipped',
  'blocked',
  'cancelled',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/**
 * Back to `ready` is always a retry: a new attempt follows. `waiting`: for a time or an event. `claimed`: a person, or
 * somebody outside, has it. `awaiting_answer`: its executor asked a person, and its session rests. Into `verifying` from where no worker has it: a person did the work by hand. `skipped →
 * skipped`: its work counts as done after all. Back to `pending` or `blocked`, or from `waiting` to `ready`: an edit. From
 * what has ended back to `pending`, and from there at once to what it was once: a rewind.
 */
export const TASK_MACHINE: Machine<TaskStatus> = {
  pending: ['ready', 'completed', 'satisfied', 'skipped', 'blocked', 'cancelled'],
  ready: [
    'pending',
    'queued',
    'awaiting_approval',
    'waiting',
    'claimed',
    'verifying',
    'completed',
    'satisfied',
    'skipped',
    'blocked',
    'cancelled',
  ],
  awaiting_approval: [
    'pending',
    'ready',
    'claimed',
    'verifying',
    'completed',
    'failed',
    'skipped',
    'blocked',
    'cancelled',
  ],
  waiting: ['pending', 'ready', 'completed', 'failed', 'skipped', 'blocked', 'cancelled'],
  claimed: ['verifying', 'completed', 'ready', 'failed', 'cancelled'],
  queued: ['executing', 'ready', 'failed', 'cancelled'],
  executing: ['verifying', 'awaiting_answer', 'ready', 'failed', 'completed', 'cancelled'],
  verifying: ['integrating', 'awaiting_review', 'completed', 'satisfied', 'ready', 'failed', 'cancelled'],
  awaiting_review: ['integrating', 'ready', 'failed', 'cancelled'],
  awaiting_answer: ['ready', 'skipped', 'cancelled'],
  integrating: ['awaiting_review', 'completed', 'satisfied', 'ready', 'failed', 'cancelled'],
  completed: ['pending'],
  satisfied: ['pending'],
  failed: ['pending', 'ready', 'claimed', 'verifying', 'completed', 'skipped', 'cancelled'],
  skipped: ['skipped', 'pending'],
  blocked: ['pending', 'ready', 'skipped', 'cancelled'],
  cancelled: [],
};

/** These occupy a slot of the plan's window. */
export const TASK_ACTIVE: readonly TaskStatus[] = ['queued', 'executing', 'verifying', 'integrating'];

/** In these somebody works on the task: the window's tasks, and those in the hands of people. */
export const TASK_IN_HAND: readonly TaskStatus[] = [...TASK_ACTIVE, 'claimed'];

/** These have no attempt under way, and are not at an end. */
export const TASK_WAITING: readonly TaskStatus[] = [
  'pending',
  'ready',
  'awaiting_approval',
  'awaiting_review',
  'awaiting_answer',
  'waiting',
  'blocked',
];

/** In these nobody works on the task and nothing came of it: an edit may change it. */
export const TASK_OPEN_TO_EDITS: readonly TaskStatus[] = [
  'pending',
  'ready',
  'awaiting_approval',
  'waiting',
  'blocked',
  'failed',
];

/** These let dependants start. */
export const TASK_DONE: readonly TaskStatus[] = ['completed', 'satisfied'];

/** These need nothing more, so that their phase can end. */
export const TASK_ENDED: readonly TaskStatus[] = [...TASK_DONE, 'skipped'];
