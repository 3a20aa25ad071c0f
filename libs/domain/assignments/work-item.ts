import { DomainError } from '../domain-error.js';
import { allows, type Machine } from '../plan/machine.js';
import {
  ASSIGNMENT_MACHINE,
  type ActiveAssignment,
  type Assignee,
  type AssignmentContext,
  type AssignmentStatus,
  type NewAssignment,
} from './assignment.machine.js';
import { handedContext } from './handed-context.js';
import { refusedStep } from './refused-step.js';

export const WORK_ITEM_STATUSES = ['open', 'done', 'cancelled'] as const;
export type WorkItemStatus = (typeof WORK_ITEM_STATUSES)[number];

export const WORK_ITEM_MACHINE: Machine<WorkItemStatus> = {
  open: ['done', 'cancelled'],
  done: [],
  cancelled: [],
};

/** Work that is no task of a plan, and whose it is. */
export interface WorkItemState {
  readonly number: number;
  readonly status: WorkItemStatus;
  readonly active: ActiveAssignment | null;
}

/** What somebody does with it. */
export type WorkItemStep =
  | {
      readonly step: 'assign';
      /** Null: nobody's. */
      readonly to: Assignee | null;
      readonly note: string | null;
      readonly context: AssignmentContext;
    }
  | {
      readonly step: 'hand_over';
      readonly to: Assignee;
      readonly note: string;
      readonly context: AssignmentContext;
    }
  | { readonly step: 'start' | 'pause' | 'resume' }
  | { readonly step: 'close'; readonly as: 'done' | 'cancelled' };

/** Rows that it changes; what is absent stays. */
export interface WorkItemDecision {
  readonly close?: 'done' | 'cancelled';
  readonly move?: { readonly id: string; readonly from: AssignmentStatus; readonly to: AssignmentStatus };
  /** The next assignment, after the one that it had; null: it is nobody's. */
  readonly assign?: NewAssignment | null;
}

/** @throws DomainError `conflict` naming the state */
export function decideWorkItem(
  item: WorkItemState,
  step: WorkItemStep,
  newId: () => string,
): WorkItemDecision {
  const { number, status, active } = item;
  if (status !== 'open') {
    throw new DomainError('conflict', `Work item w${number} is ${status}: nothing of it can change.`, {
      remedy: 'Write down what is left as another one: planwright add-work-item --title TITLE',
    });
  }
  switch (step.step) {
    case 'assign': {
      const { to, note, context } = step;
      return { assign: to === null ? null : { id: newId(), to, note, context, handedFrom: null } };
    }
    case 'hand_over': {
      const { to, note } = step;
      const held = requireHeld(item);
      const context = handedContext(`w${number}`, held.context, step.context);
      return { assign: { id: newId(), to, note, context, handedFrom: held.id } };
    }
    case 'close': {
      const { as } = step;
      const ended = as === 'done' ? 'completed' : 'cancelled';
      return active === null
        ? { close: as }
        : { close: as, move: { id: active.id, from: active.status, to: ended } };
    }
    case 'start':
    case 'pause':
    case 'resume':
      return { move: stepOf(item, step.step) };
  }
}

function target({ startedAt }: ActiveAssignment, step: 'start' | 'pause' | 'resume'): AssignmentStatus {
  if (step === 'resume') return startedAt === null ? 'assigned' : 'started';
  return step === 'start' ? 'started' : 'paused';
}

function stepOf(
  item: WorkItemState,
  step: 'start' | 'pause' | 'resume',
): NonNullable<WorkItemDecision['move']> {
  const held = requireHeld(item);
  const { id, status: from } = held;
  const to = target(held, step);
  if ((from === 'paused') === (step === 'resume') && allows(ASSIGNMENT_MACHINE, from, to))
    return { id, from, to };
  throw refusedStep(`w${item.number}`, held, step);
}

function requireHeld({ number, active }: WorkItemState): ActiveAssignment {
  if (active !== null) return active;
  throw new DomainError('conflict', `Work item w${number} is assigned to nobody.`, {
    remedy: `Assign it first: planwright assign w${number} --to NAME`,
  });
}
