import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import { INTEGRATION_IN_LANE } from '../integration.machine.js';
import type { AttemptState, IntegrationState, PhaseState, PlanState, RunState, TaskState } from '../state.js';
import { recordOnBranch } from './integration.js';
import { finishTask } from './settle.js';

const MESSAGE = 'the plan was cancelled';

/** What of a plan has not come to its end, but for tasks that only wait. */
export interface OpenWork {
  readonly phases: readonly PhaseState[];
  /** Those that occupy a slot, and those that people have (`TASK_IN_HAND`). */
  readonly tasks: readonly TaskState[];
  /** Those under way, and those that passed and are not on the branch yet: they integrate, or await a review. */
  readonly attempts: readonly AttemptState[];
  readonly runs: readonly RunState[];
  readonly integrations: readonly IntegrationState[];
}

/**
 * A person ends a plan. From here on its epoch is another one: nothing is claimed, renewed or recorded any more, and
 * agents stop. What is open is settled by `decideCancelled`, once the hub can no longer change.
 *
 * @returns an empty decision for a plan that is being cancelled already
 * @throws DomainError `conflict` naming the state
 */
export function decideCancel(plan: PlanState, note: string | null): Decision {
  const builder = new DecisionBuilder(plan);
  if (plan.status === 'cancelling') return builder.done();
  const iterations = { entity: 'end_iterations', message: MESSAGE } as const;
  if (plan.status === 'generating') {
    builder.movePlan('cancelled').add(iterations);
    return builder.event('plan.cancelled', { branch: plan.branch, note }).done();
  }
  if (plan.status !== 'running' && plan.status !== 'pausing' && plan.status !== 'paused') {
    throw new DomainError(
      'conflict',
      `Plan ${plan.number} is ${plan.status}; only a plan that has started and not ended can be cancelled.`,
      plan.status === 'ready' ? { remedy: 'Delete it.' } : {},
    );
  }
  builder.movePlan('cancelling', { epoch: plan.epoch + 1, pauseReason: null, pauseNote: null });
  return builder.add(iterations).event('plan.cancelling', { note }).done();
}

/** The integration whose push may have happened without anybody saying so. */
export function openIntent({ integrations }: OpenWork): IntegrationState | null {
  const held = integrations.find(
    ({ status, intentNewTip }) => INTEGRATION_IN_LANE.includes(status) && intentNewTip !== null,
  );
  return held ?? null;
}

/** An integration whose commit is on the plan branch. */
export interface Landed {
  readonly integration: IntegrationState;
  readonly verified: boolean;
}

/**
 * Ends everything that is open. What landed is completed: the branch and the rows say the same. A failed task stays
 * failed.
 */
export function decideCancelled(plan: PlanState, open: OpenWork, landed: Landed | null): Decision {
  const builder = new DecisionBuilder(plan, { endsOldEpoch: true });
  endOpenWork(builder, plan, open, landed, MESSAGE);
  return builder.movePlan('cancelled').event('plan.cancelled', { branch: plan.branch }).done();
}

/** @param builder of a decision that may end rows of old epochs */
export function endOpenWork(
  builder: DecisionBuilder,
  plan: PlanState,
  open: OpenWork,
  landed: Landed | null,
  message: string,
): void {
  const { id, attemptId, taskId } = landed?.integration ?? {};
  for (const run of open.runs) builder.moveRun(run, 'cancelled', 'clear');
  for (const integration of open.integrations) {
    if (integration.id !== id) builder.moveIntegration(integration, 'cancelled', 'clear', { message });
  }
  for (const attempt of open.attempts) {
    if (attempt.id !== attemptId)
      builder.moveAttempt(attempt, 'cancelled', 'clear', { failure: 'cancelled', message });
  }
  for (const task of open.tasks) if (task.id !== taskId) builder.moveTask(task, 'cancelled');
  // Before a landed task releases its dependants: they must not become ready any more.
  builder.add({ entity: 'cancel_waiting' });
  const task = open.tasks.find((each) => each.id === taskId);
  if (landed !== null && task !== undefined) completeLanded(builder, plan, task, landed);
  for (const phase of open.phases) {
    const isDone = phase.id === task?.phaseId && phase.openTasks === 1;
    builder.movePhase(phase, isDone ? 'completed' : 'cancelled');
    if (isDone) builder.event('phase.completed', { phase: phase.position, name: phase.name });
  }
}

function completeLanded(builder: DecisionBuilder, plan: PlanState, task: TaskState, landed: Landed): void {
  const { integration, verified } = landed;
  const { to, commitSha } = recordOnBranch(
    builder,
    plan,
    task,
    integration,
    integration.intentNewTip ?? plan.tipCommit,
  );
  finishTask(builder, task, to, { commitSha, verified });
  builder.publish();
}
