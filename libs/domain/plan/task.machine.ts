import type { Machine } from './machine.js';

export const TASK_STATUSES = [
  'pending',
  'ready',
  'awaiting_approval',
  'queued',
  'executing',
  'verifying',
  'awaiting_review',
  'integrating',
  'completed',
  'satisfied',
  'failed',
  'skipped',
  'blocked',
  'cancelled',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Back to `ready` is always a retry: a new attempt follows. */
export const TASK_MACHINE: Machine<TaskStatus> = {
  pending: ['ready', 'skipped', 'blocked', 'cancelled'],
  ready: ['queued', 'awaiting_approval', 'satisfied', 'skipped', 'cancelled'],
  awaiting_approval: ['ready', 'failed', 'skipped', 'cancelled'],
  queued: ['executing', 'ready', 'failed', 'cancelled'],
  executing: ['verifying', 'ready', 'failed', 'completed', 'cancelled'],
  verifying: ['integrating', 'awaiting_review', 'completed', 'satisfied', 'ready', 'failed', 'cancelled'],
  awaiting_review: ['integrating', 'ready', 'failed', 'cancelled'],
  integrating: ['completed', 'satisfied', 'ready', 'failed', 'cancelled'],
  completed: ['pending'],
  satisfied: ['pending'],
  failed: ['ready', 'completed', 'skipped', 'cancelled'],
  skipped: ['pending'],
  blocked: ['pending', 'skipped', 'cancelled'],
  cancelled: [],
};

/** These occupy a slot of the plan's window. */
export const TASK_ACTIVE: readonly TaskStatus[] = ['queued', 'executing', 'verifying', 'integrating'];

/** These have no attempt under way, and are not at an end. */
export const TASK_WAITING: readonly TaskStatus[] = [
  'pending',
  'ready',
  'awaiting_approval',
  'awaiting_review',
  'blocked',
];

/** These let dependants start. */
export const TASK_DONE: readonly TaskStatus[] = ['completed', 'satisfied'];
