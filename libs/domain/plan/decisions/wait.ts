import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import type { PlanStatus } from '../plan.machine.js';
import type { PlanState } from '../state.js';
import { completeTask, pausePlan, type TaskSlice } from './settle.js';

/** Why a wait is over. */
export interface WaitOver {
  /** What it waited for; null: a time. */
  readonly event: string | null;
  /** Whether the event is there: it counts even where the time for it is over as well. */
  readonly signalled: boolean;
}

/**
 * A task that waits goes on: its time has come, or its event. A wait for an event whose time is over has failed. Null:
 * the task does not wait any more, or its plan is at rest.
 */
export function decideWaitOver(slice: TaskSlice, { event, signalled }: WaitOver): Decision | null {
  const { plan, task } = slice;
  if (plan.status !== 'running' || task.status !== 'waiting') return null;
  const builder = new DecisionBuilder(plan);
  if (event === null || signalled) {
    completeTask(builder, slice, 'completed', { commitSha: null });
    return builder.done();
  }
  const reason = `the event ${event} did not come in time`;
  builder.moveTask(task, 'failed');
  builder.event('task.failed', { task: task.number, title: task.title, failure: null, reason });
  pausePlan(builder, slice.queued, 'task_failed', `Task ${plan.number}.${task.number}: ${reason}.`);
  return builder.done();
}

/** In these a signal could still be waited for. */
const OPEN: readonly PlanStatus[] = [
  'draft',
  'generating',
  'ready',
  'running',
  'pausing',
  'paused',
  'rewinding',
];

/**
 * An event from outside. Whoever waits for it goes on afterwards, now or when its turn comes.
 *
 * @throws DomainError `conflict` naming the state
 */
export function decideSignal(plan: PlanState, name: string, data: unknown): Decision {
  if (!OPEN.includes(plan.status)) {
    throw new DomainError(
      'conflict',
      `Plan ${plan.number} is ${plan.status}; nothing in it waits for an event any more.`,
    );
  }
  return new DecisionBuilder(plan)
    .add({ entity: 'new_signal', name, data })
    .event('plan.signalled', { name })
    .done();
}
