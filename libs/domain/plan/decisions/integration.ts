import { DecisionBuilder, type Decision } from '../decision.js';
import type { AttemptFailure, AttemptState, IntegrationState, PlanState, TaskState } from '../state.js';
import {
  completeTask,
  passLane,
  settleCandidate,
  settlePause,
  type LaneWaiter,
  type TaskSlice,
} from './settle.js';

/**
 * A worker takes the lane for this integration: to start it, to go on after its rebased tree was verified, or to
 * take over from a worker whose lease ended. Null: there is nothing to claim.
 *
 * @param laneHolder the integration of the plan that is past `queued`, if any
 * @param leaseExpired whether this integration's lease, by the database clock, is over
 */
export function decideClaimIntegration(
  plan: PlanState,
  integration: IntegrationState,
  laneHolder: string | null,
  leaseExpired: boolean,
): Decision | null {
  if (integration.epoch !== plan.epoch) return null;
  const builder = new DecisionBuilder(plan);
  switch (integration.status) {
    case 'queued':
      return laneHolder === null ? builder.moveIntegration(integration, 'merging', 'take').done() : null;
    case 'verified':
      return builder.moveIntegration(integration, 'merging', 'take').done();
    case 'merging':
    case 'pushing':
      return leaseExpired ? builder.moveIntegration(integration, 'merging', 'take').done() : null;
    default:
      return null;
  }
}

/** The rebased tree differs from the graded one: it gets a verification run of its own. */
export function decideRebased(
  plan: PlanState,
  integration: IntegrationState,
  onto: string,
  resultCommit: string,
  newId: () => string,
): Decision {
  const runId = newId();
  return new DecisionBuilder(plan)
    .moveIntegration(integration, 'verifying', 'clear', { ontoCommit: onto, resultCommit })
    .add({
      entity: 'new_run',
      id: runId,
      taskId: integration.taskId,
      attemptId: integration.attemptId,
      integrationId: integration.id,
      commit: resultCommit,
      baseCommit: onto,
    })
    .deliver('verify', runId, 1)
    .done();
}

/** Written before the push: whoever comes after a crash can tell whether it happened. */
export function decideIntent(
  plan: PlanState,
  integration: IntegrationState,
  oldTip: string,
  newTip: string,
): Decision {
  return new DecisionBuilder(plan)
    .moveIntegration(integration, 'pushing', 'keep', { intent: { token: integration.token, oldTip, newTip } })
    .done();
}

export interface Landing {
  readonly slice: TaskSlice;
  readonly attempt: AttemptState;
  readonly integration: IntegrationState;
  /** The integration that waits longest for the lane. */
  readonly nextInLane: LaneWaiter | null;
}

/** Workers that may die over one integration before it counts as a fault of the machine. */
const MAX_INTEGRATION_CLAIMS = 10;

/** Whether an integration whose lease ended has had its chances. */
export function integrationIsHopeless(integration: IntegrationState): boolean {
  return integration.token >= MAX_INTEGRATION_CLAIMS;
}

/** The commit is on the plan branch; `newTip` equal to the tip means that nothing was left to do. */
export function decideLanded(landing: Landing, newTip: string, unverified: boolean): Decision {
  const { slice, integration } = landing;
  const builder = new DecisionBuilder(slice.plan);
  const { to, commitSha } = recordOnBranch(builder, slice.plan, slice.task, integration, newTip);
  completeTask(builder, slice, to, { commitSha, verified: !unverified });
  passLane(builder, landing.nextInLane);
  if (commitSha !== null && !unverified) builder.measure(slice.task.id, slice.plan.tipCommit, commitSha);
  return builder.publish().done();
}

/** The integration landed, and the tip is its commit. @returns what this makes of the task */
export function recordOnBranch(
  builder: DecisionBuilder,
  plan: PlanState,
  task: TaskState,
  integration: IntegrationState,
  newTip: string,
): { readonly to: 'completed' | 'satisfied'; readonly commitSha: string | null } {
  builder.moveIntegration(integration, 'landed', 'clear');
  if (newTip === plan.tipCommit) return { to: 'satisfied', commitSha: null };
  builder.moveTip(newTip);
  builder.event('task.integrated', { task: task.number, commit: newTip, onto: plan.tipCommit });
  return { to: 'completed', commitSha: newTip };
}

/** The candidate does not fit the branch any more, or the lane's work failed: the task is tried again on the new tip. */
export function decideIntegrationFailed(landing: Landing, failed: AttemptFailure, jitter: number): Decision {
  const { slice, attempt, integration } = landing;
  const builder = new DecisionBuilder(slice.plan);
  const conflict = failed.failure === 'conflict';
  builder.moveIntegration(integration, conflict ? 'conflicted' : 'errored', 'clear', {
    message: failed.message,
  });
  builder.moveAttempt(attempt, conflict ? 'conflicted' : 'errored', 'clear', failed);
  builder.event('attempt.failed', { task: slice.task.number, attempt: attempt.number, ...failed });
  settleCandidate(builder, slice, attempt, failed, jitter);
  passLane(builder, landing.nextInLane);
  return builder.done();
}

/**
 * The rebase made another diff of what a person had let onto the branch: it leaves the lane, and they are asked again.
 *
 * @param shown the rebased commit and its patch-id
 */
export function decideReviewAgain(
  landing: Landing,
  shown: { readonly commit: string; readonly patchId: string },
): Decision {
  const { slice, integration } = landing;
  const { number: task, title } = slice.task;
  const builder = new DecisionBuilder(slice.plan);
  builder.moveIntegration(integration, 'awaiting_review', 'clear', { patchId: shown.patchId });
  builder.moveTask(slice.task, 'awaiting_review');
  builder.event('task.awaiting_review', {
    task,
    title,
    commit: shown.commit,
    patch: shown.patchId,
    rebased: true,
  });
  settlePause(builder);
  passLane(builder, landing.nextInLane);
  return builder.done();
}
