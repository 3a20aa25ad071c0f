import type { Strength } from '../../spec/strength.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import type { PlanState, TaskState } from '../state.js';

/** What the rules of a task would notice of its change is known now. It changes nothing else. */
export function decideStrength(plan: PlanState, task: TaskState, strength: Strength): Decision {
  const { commit, hunks, guarded, undecided, unmeasured, unguarded } = strength;
  return new DecisionBuilder(plan)
    .add({ entity: 'measured', taskId: task.id, strength })
    .event('task.strength_measured', {
      task: task.number,
      commit,
      hunks,
      guarded,
      undecided,
      unmeasured,
      unguarded: unguarded.slice(0, 10),
    })
    .done();
}
