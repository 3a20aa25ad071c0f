import { DecisionBuilder, type Decision } from '../decision.js';
import type { PlanState } from '../state.js';

/** A person has a plan that can be edited reviewed by a model. Of the plan nothing changes. */
export function decidePlanReview(
  plan: PlanState,
  asked: { readonly iterationId: string; readonly type: string; readonly request: unknown },
): Decision {
  const { iterationId: id, type, request } = asked;
  const summary = `Review asked of a model (${type})`;
  return new DecisionBuilder(plan)
    .add({ entity: 'new_iteration', id, kind: 'review', summary, changes: [], request })
    .event('review.asked', { type })
    .deliver('review', id, 1)
    .done();
}
