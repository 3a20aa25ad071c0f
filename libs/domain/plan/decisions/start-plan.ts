import { DecisionBuilder, type Decision } from '../decision.js';
import { DomainError } from '../../domain-error.js';
import type { PhaseState, PlanState } from '../state.js';
import { openPhase } from './settle.js';

/**
 * Starts a plan that is ready.
 *
 * @param firstPhase the phase with the lowest position
 * @param emptyPhase a phase without tasks: it could never end
 * @throws DomainError `conflict` naming the state
 */
export function decideStart(
  plan: PlanState,
  firstPhase: PhaseState | null,
  emptyPhase: PhaseState | null = null,
): Decision {
  if (plan.status !== 'ready') {
    throw new DomainError(
      'conflict',
      `Plan ${plan.number} is ${plan.status}; only a plan that is ready can start.`,
    );
  }
  if (firstPhase === null || emptyPhase !== null) {
    const what =
      emptyPhase === null ? 'no phase yet' : `no task in phase ${emptyPhase.position} "${emptyPhase.name}"`;
    throw new DomainError('conflict', `Plan ${plan.number} has ${what}.`, {
      remedy: 'Add one, then start it.',
    });
  }
  const builder = new DecisionBuilder(plan);
  builder.movePlan('running').event('plan.started', { base: plan.baseCommit, branch: plan.branch });
  openPhase(builder, firstPhase);
  return builder.done();
}
