import type { Machine } from '../plan/machine.js';
import { TASK_DONE, type TaskStatus } from '../plan/task.machine.js';

export const ASSIGNMENT_STATUSES = ['assigned', 'started', 'paused', 'completed', 'cancelled'] as const;
export type AssignmentStatus = (typeof ASSIGNMENT_STATUSES)[number];

/**
 * `assigned`: it is somebody's, who has not begun, or gave the claim back. `started`: they work on it. `paused`: they do not
 * at the moment, and say so. `cancelled`: it is another's now, nobody's, or was left out.
 */
export const ASSIGNMENT_MACHINE: Machine<AssignmentStatus> = {
  assigned: ['started', 'paused', 'completed', 'cancelled'],
  started: ['assigned', 'paused', 'completed', 'cancelled'],
  paused: ['assigned', 'started', 'completed', 'cancelled'],
  completed: [],
  cancelled: [],
};

/** Of these a task, or a work item, has one at most. */
export const ASSIGNMENT_ACTIVE = ['assigned', 'started', 'paused'] as const;
export type ActiveStatus = (typeof ASSIGNMENT_ACTIVE)[number];

const BEGUN: readonly TaskStatus[] = ['claimed', 'executing'];
const LEFT_OUT: readonly TaskStatus[] = ['skipped', 'cancelled'];
/** In these nobody works on the task, and nothing of it is under way. */
const IN_THE_POOL: readonly TaskStatus[] = [
  'pending',
  'ready',
  'awaiting_approval',
  'waiting',
  'blocked',
  'failed',
];

/** What an active assignment of a task is once the task has come to a status; the same where that says nothing. */
export function assignmentAfter(assignment: ActiveStatus, task: TaskStatus): AssignmentStatus {
  if (BEGUN.includes(task)) return 'started';
  if (TASK_DONE.includes(task)) return 'completed';
  if (LEFT_OUT.includes(task)) return 'cancelled';
  return assignment === 'started' && IN_THE_POOL.includes(task) ? 'assigned' : assignment;
}

/** Whether a task that comes to this status takes some assignment along. */
export function movesAssignment(task: TaskStatus): boolean {
  return ASSIGNMENT_ACTIVE.some((assignment) => assignmentAfter(assignment, task) !== assignment);
}

/** An assignment that is not over. */
export interface ActiveAssignment {
  readonly id: string;
  readonly status: ActiveStatus;
  readonly assignee: Assignee;
  readonly context: AssignmentContext;
  /** Null: work on it has not begun. */
  readonly startedAt: Date | null;
}

/** By name; who is not known yet becomes an actor of that kind. */
export interface Assignee {
  readonly name: string;
  readonly kind: 'user' | 'agent';
}

/** Free, and carried on from one assignee to the next. */
export type AssignmentContext = Readonly<Record<string, unknown>>;

/** Work that is given to somebody. */
export interface NewAssignment {
  readonly id: string;
  readonly to: Assignee;
  readonly note: string | null;
  readonly context: AssignmentContext;
  /** The assignment that its holder hands over. */
  readonly handedFrom: string | null;
}
