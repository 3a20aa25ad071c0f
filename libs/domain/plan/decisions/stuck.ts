import { DecisionBuilder, type Decision } from '../decision.js';
import type { PhaseState, PlanState } from '../state.js';
import { pausePlan } from './settle.js';

/** Nothing of a running phase can start before a person decides what becomes of its blocked tasks. */
export function decideStuck(plan: PlanState, phase: PhaseState): Decision {
  const builder = new DecisionBuilder(plan);
  const note =
    `Every open task of phase ${phase.position} "${phase.name}" is blocked by a task that was skipped, or waits for one that is. ` +
    'Skip them too, or skip that one again and say that it satisfies what depends on it.';
  pausePlan(builder, [], 'task_failed', note);
  return builder.done();
}
