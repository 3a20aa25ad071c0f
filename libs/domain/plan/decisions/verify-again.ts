import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import { PLAN_MOVING } from '../plan.machine.js';
import type { AttemptState, IntegrationState } from '../state.js';
import { goOn, rouse, type TaskSlice } from './settle.js';

export interface AgainState {
  readonly slice: TaskSlice;
  /** The task's last attempt, of whatever epoch. */
  readonly attempt: AttemptState | null;
  readonly integration: IntegrationState | null;
  /** Of the spec as it is now; null: it has none. */
  readonly specHash: string | null;
  /** Whether other tasks of the plan failed for good. */
  readonly othersFailed: boolean;
}

/**
 * The candidate that the last verdict turned down is judged once more, by the spec as it is now. The attempt is the same
 * one, with no failure to its name: nothing is spent.
 *
 * @throws DomainError `conflict` naming the state
 */
export function decideVerifyAgain(state: AgainState, newId: () => string): Decision {
  const { slice, specHash } = state;
  const { plan, task } = slice;
  const { attempt, commit, baseCommit } = requireTurnedDown(state);
  const builder = new DecisionBuilder(plan);
  if (task.status === 'failed') goOn(builder, plan, state.othersFailed);
  builder.moveAttempt(attempt, 'executed', 'clear', {
    failure: null,
    message: null,
    violationCount: null,
    specHash,
  });
  builder.moveTask(task, 'verifying');
  const runId = newId();
  const run = { id: runId, taskId: task.id, attemptId: attempt.id, integrationId: null, commit, baseCommit };
  builder.add({ entity: 'new_run', ...run });
  const { number: of, title } = task;
  builder.event('attempt.reopened', { task: of, title, attempt: attempt.number, commit, spec: specHash });
  builder.deliver('verify', runId, 1);
  rouse(builder, plan);
  return builder.done();
}

interface TurnedDown {
  readonly attempt: AttemptState;
  readonly commit: string;
  readonly baseCommit: string;
}

function requireTurnedDown({ slice, attempt, integration }: AgainState): TurnedDown {
  const { plan, task } = slice;
  const name = `Task ${plan.number}.${task.number}`;
  const refuse = (why: string, remedy: string): never => {
    throw new DomainError('conflict', `${name} ${why}; it cannot be verified again.`, { remedy });
  };
  if (!PLAN_MOVING.includes(plan.status))
    return refuse(`belongs to plan ${plan.number}, which is ${plan.status}`, 'Start the plan first.');
  if (task.status !== 'failed' && task.status !== 'ready')
    return refuse(`is ${task.status}`, 'That takes a task that is failed or ready.');
  if (task.openDependencies > 0)
    return refuse('depends on what is not done', 'Retry it: it is tried again after them.');
  if (attempt === null || (attempt.status !== 'rejected' && attempt.status !== 'inconclusive'))
    return refuse('has no candidate that a verdict turned down', 'Retry it, or hand work in.');
  const { candidateCommit: commit, baseCommit } = attempt;
  if (integration !== null || attempt.epoch !== plan.epoch || commit === null || baseCommit === null)
    return refuse('was turned down when it was to land, or before the plan was stopped', 'Retry it.');
  return { attempt, commit, baseCommit };
}
