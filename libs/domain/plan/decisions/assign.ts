import {
  assignmentAfter,
  type ActiveAssignment,
  type Assignee,
  type AssignmentContext,
} from '../../assignments/assignment.machine.js';
import { handedContext } from '../../assignments/handed-context.js';
import { refusedStep } from '../../assignments/refused-step.js';
import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import { TASK_ENDED } from '../task.machine.js';
import { giveBack, requireHolder, type HandState } from './by-hand.js';
import type { TaskSlice } from './settle.js';

/** Whose a task is to be, and what they are told. */
export interface Assigning {
  /** Of the assignment. */
  readonly id: string;
  /** Null: nobody's. */
  readonly to: Assignee | null;
  readonly note: string | null;
  readonly context: AssignmentContext;
}

type Owned = Pick<TaskSlice, 'plan' | 'task'>;

/**
 * Who the task is assigned to: for people to see, and no edit of the plan. The assignment that it had is over.
 *
 * @throws DomainError `conflict` naming the state
 */
export function decideAssign(slice: Owned, { id, to, note, context }: Assigning): Decision {
  const { plan, task } = slice;
  requireOpen(slice);
  const assignment = to === null ? null : { id, to, note, context, handedFrom: null };
  return new DecisionBuilder(plan)
    .add({ entity: 'assign', taskId: task.id, assignment })
    .event('task.assigned', {
      task: task.number,
      title: task.title,
      assignedTo: to?.name ?? null,
      ...(note === null ? {} : { note }),
    })
    .done();
}

/** To whom work is handed, and what they should know. */
export interface HandingOver {
  /** Of the next assignment. */
  readonly id: string;
  readonly to: Assignee;
  readonly note: string;
  /** Beside what is carried on; where both have a key, this one counts. */
  readonly context: AssignmentContext;
  /** Of the claim under which it was worked on. */
  readonly token?: string | undefined;
}

/**
 * Whoever has the task gives it to somebody else, with what they know. A claim of it is given back.
 *
 * @throws DomainError `conflict` when it is nobody's, or naming the state
 */
export function decideHandOver(
  state: HandState,
  held: ActiveAssignment | null,
  { id, to, note, context, token }: HandingOver,
): Decision {
  const { plan, task } = state.slice;
  requireOpen(state.slice);
  const active = requireHeld(state.slice, held);
  const builder = new DecisionBuilder(plan);
  requireHolder(state, token);
  if (task.status === 'claimed') giveBack(builder, state, note, token);
  const name = `${plan.number}.${task.number}`;
  const carried = handedContext(name, active.context, context);
  return builder
    .add({
      entity: 'assign',
      taskId: task.id,
      assignment: { id, to, note, context: carried, handedFrom: active.id },
    })
    .event('task.handed_over', {
      task: task.number,
      title: task.title,
      from: active.assignee.name,
      assignedTo: to.name,
      note,
    })
    .done();
}

/** Nobody works on the task at the moment, or somebody does again. @throws DomainError `conflict` naming the state */
export function decidePauseAssignment(
  slice: Owned,
  held: ActiveAssignment | null,
  step: 'pause' | 'resume',
): Decision {
  const { plan, task } = slice;
  const active = requireHeld(slice, held);
  if ((active.status === 'paused') === (step === 'pause'))
    throw refusedStep(`${plan.number}.${task.number}`, active, step);
  const { number, title } = task;
  return new DecisionBuilder(plan)
    .moveAssignment(active, step === 'pause' ? 'paused' : assignmentAfter('assigned', task.status))
    .event(`task.assignment_${step}d`, { task: number, title, assignedTo: active.assignee.name })
    .done();
}

function requireOpen({ plan, task }: Owned): void {
  if (!TASK_ENDED.includes(task.status) && task.status !== 'cancelled') return;
  throw new DomainError(
    'conflict',
    `Task ${plan.number}.${task.number} is ${task.status}; it cannot be assigned any more.`,
    { remedy: `planwright show ${plan.number} has the tasks that are open.` },
  );
}

function requireHeld({ plan, task }: Owned, held: ActiveAssignment | null): ActiveAssignment {
  if (held !== null) return held;
  throw new DomainError('conflict', `Task ${plan.number}.${task.number} is assigned to nobody.`, {
    remedy: `Assign it first: planwright assign ${plan.number}.${task.number} --to NAME`,
  });
}
