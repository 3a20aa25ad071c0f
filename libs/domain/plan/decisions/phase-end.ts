import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import { PLAN_MOVING } from '../plan.machine.js';
import type { PhaseState, PlanState, QueuedTask } from '../state.js';
import { completePhase, endPhase, goOn, pausePlan } from './settle.js';

/** A phase whose tasks have all ended. */
export interface PhaseSlice {
  readonly plan: PlanState;
  readonly phase: PhaseState;
  /** The pending phase that follows, if any. */
  readonly nextPhase: PhaseState | null;
}

/**
 * A reviewer lets the next phase start, or the plan end.
 *
 * @param anyFailed whether a task of the plan failed for good: then a plan that waits stays paused
 * @throws DomainError `conflict` naming the state
 */
export function decideApprovePhase(slice: PhaseSlice, anyFailed: boolean): Decision {
  const { plan, phase } = slice;
  requireWaiting(slice);
  const builder = new DecisionBuilder(plan);
  if (plan.pauseReason === 'approval') goOn(builder, plan, anyFailed);
  builder.event('phase.approved', { phase: phase.position, name: phase.name });
  completePhase(builder, { ...slice, queued: [] });
  return builder.done();
}

/**
 * A reviewer does not: the plan pauses with the note, and the phase goes on waiting.
 *
 * @throws DomainError `conflict` naming the state
 */
export function decideRejectPhase(slice: PhaseSlice, queued: readonly QueuedTask[], note: string): Decision {
  const { plan, phase } = slice;
  requireWaiting(slice);
  const builder = new DecisionBuilder(plan);
  builder.event('phase.rejected', { phase: phase.position, name: phase.name, note });
  pausePlan(builder, queued, 'approval', `Phase ${phase.position} "${phase.name}" was rejected: ${note}`);
  return builder.done();
}

/** A running phase has no open task: an edit took the last one away, or it began without any. */
export function decideEndPhase(slice: PhaseSlice): Decision {
  const builder = new DecisionBuilder(slice.plan);
  endPhase(builder, { ...slice, queued: [] });
  return builder.done();
}

function requireWaiting({ plan, phase }: PhaseSlice): void {
  if (phase.status !== 'awaiting_approval' || !PLAN_MOVING.includes(plan.status)) {
    throw new DomainError(
      'conflict',
      `Phase ${phase.position} of plan ${plan.number} is ${phase.status}, and the plan ${plan.status}; it does not wait for an approval.`,
    );
  }
}
