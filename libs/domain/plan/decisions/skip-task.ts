import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import { PLAN_MOVING } from '../plan.machine.js';
import type { TaskStatus } from '../task.machine.js';
import { goOn, leavePhase, settlePause, type TaskSlice } from './settle.js';

const SKIPPABLE: readonly TaskStatus[] = [
  'pending',
  'ready',
  'awaiting_approval',
  'waiting',
  'awaiting_answer',
  'failed',
  'blocked',
];
/** A plan may have paused for these. */
const HELD_UP: readonly TaskStatus[] = ['failed', 'blocked', 'skipped'];

export interface Skip {
  /** Whether what depends on it may go on as if it were done. */
  readonly satisfies: boolean;
  readonly note: string | null;
}

/**
 * A person leaves a task out. What depends on it is released, or blocked. A task that was skipped can be skipped again,
 * so that it satisfies what it blocked.
 *
 * @param othersFailed whether other tasks of the plan failed for good: then it stays paused
 * @throws DomainError `conflict` naming the state
 */
export function decideSkip(slice: TaskSlice, { satisfies, note }: Skip, othersFailed: boolean): Decision {
  const { plan, task } = slice;
  requireSkippable(slice, satisfies);
  const builder = new DecisionBuilder(plan);
  if (HELD_UP.includes(task.status)) goOn(builder, plan, othersFailed);
  builder.moveTask(task, 'skipped', {
    ...(note === null ? {} : { note }),
    ...(satisfies ? { verified: false } : {}),
  });
  builder.event('task.skipped', { task: task.number, title: task.title, satisfies, note });
  if (satisfies) {
    builder.add({ entity: 'release_dependants', taskId: task.id });
    builder.add({ entity: 'unblock_dependants', taskId: task.id });
  } else {
    builder.add({ entity: 'block_dependants', taskId: task.id });
  }
  if (task.status !== 'skipped') leavePhase(builder, slice);
  settlePause(builder);
  return builder.done();
}

function requireSkippable({ plan, task }: TaskSlice, satisfies: boolean): void {
  const name = `${plan.number}.${task.number}`;
  if (!PLAN_MOVING.includes(plan.status)) {
    throw new DomainError('conflict', `Plan ${plan.number} is ${plan.status}; its tasks cannot be skipped.`);
  }
  const again = task.status === 'skipped' && task.verified === null && satisfies;
  if (SKIPPABLE.includes(task.status) || again) return;
  if (task.status === 'skipped') {
    const remedy = 'Skip it again with satisfies, so that what depends on it may go on.';
    throw new DomainError(
      'conflict',
      `Task ${name} is skipped already.`,
      task.verified === null ? { remedy } : {},
    );
  }
  throw new DomainError('conflict', `Task ${name} is ${task.status}; it cannot be skipped now.`, {
    remedy: 'Wait until it ends, or pause the plan with now; a claimed task can be released.',
  });
}
