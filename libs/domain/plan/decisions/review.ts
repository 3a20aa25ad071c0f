import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import type { PhaseApproval } from '../phase.machine.js';
import { PLAN_MOVING } from '../plan.machine.js';
import type { AttemptState, IntegrationState, PlanState } from '../state.js';
import { rouse, settleCandidate, type TaskSlice } from './settle.js';

/** Whether a person lets each verified change of the phase onto the branch. */
export function needsReview(plan: PlanState, approval: PhaseApproval): boolean {
  return !plan.autoCommit || approval === 'before_integration' || approval === 'both';
}

/** A verified change that waits for a person. */
export interface ReviewState {
  readonly slice: TaskSlice;
  /** The attempt that passed. */
  readonly attempt: AttemptState;
  /** Its integration, where the rebase made another diff of what had been approved. */
  readonly integration: IntegrationState | null;
  readonly laneFree: boolean;
}

/**
 * A person lets the diff onto the branch.
 *
 * @param patchId the diff that they looked at; undefined: whatever is there
 * @throws DomainError `conflict` naming the state, or the diff that is there now
 */
export function decideApproveReview(
  state: ReviewState,
  actorId: string,
  patchId: string | undefined,
  newId: () => string,
): Decision {
  const { slice, attempt, integration } = state;
  const { plan, task } = slice;
  requireReview(slice);
  const shown = integration?.patchId ?? attempt.patchId;
  if (shown === null || attempt.candidateCommit === null)
    throw new Error(`task ${plan.number}.${task.number} awaits a review and has no diff`);
  if (patchId !== undefined && patchId !== shown) {
    throw new DomainError(
      'conflict',
      `Task ${plan.number}.${task.number} has another diff now: its patch-id is ${shown}, not ${patchId}.`,
      { remedy: 'Look at it again, then approve that one.' },
    );
  }
  const builder = new DecisionBuilder(plan);
  builder.moveTask(task, 'integrating', { approvedBy: actorId, approvedPatch: shown });
  builder.event('task.approved', { task: task.number, title: task.title, patch: shown });
  const id = integration?.id ?? newId();
  if (integration !== null) builder.moveIntegration(integration, 'queued', 'clear');
  else {
    const { id: attemptId, candidateCommit } = attempt;
    builder.add({ entity: 'new_integration', id, taskId: task.id, attemptId, candidateCommit });
  }
  if (state.laneFree) builder.deliver('integrate', id, (integration?.deliveries ?? 0) + 1);
  rouse(builder, plan);
  return builder.done();
}

/**
 * A person does not let the diff onto the branch: the task is tried again and is told why.
 *
 * @throws DomainError `conflict` naming the state
 */
export function decideRejectReview(state: ReviewState, note: string, jitter: number): Decision {
  const { slice, attempt, integration } = state;
  const { task } = slice;
  requireReview(slice);
  const builder = new DecisionBuilder(slice.plan);
  const failure = 'review_rejected';
  if (integration !== null) builder.moveIntegration(integration, 'rejected', 'clear', { message: note });
  builder.moveAttempt(attempt, 'rejected', 'clear', { failure, message: note });
  builder.event('task.rejected', { task: task.number, title: task.title, note });
  settleCandidate(builder, slice, attempt, { failure, message: note }, jitter, { note });
  return builder.done();
}

function requireReview({ plan, task }: TaskSlice): void {
  if (task.status !== 'awaiting_review' || !PLAN_MOVING.includes(plan.status)) {
    const what = PLAN_MOVING.includes(plan.status)
      ? `is ${task.status}`
      : `belongs to a plan that is ${plan.status}`;
    throw new DomainError(
      'conflict',
      `Task ${plan.number}.${task.number} ${what}; it does not wait for a review.`,
    );
  }
}
