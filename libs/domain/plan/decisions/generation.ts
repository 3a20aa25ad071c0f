import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import type { PlanState } from '../state.js';

/**
 * A person has a plan written by a model.
 *
 * @param hasTasks a plan that has some is theirs
 * @throws DomainError `conflict` naming the state
 */
export function decideGenerate(
  plan: PlanState,
  asked: { readonly iterationId: string; readonly request: unknown; readonly hasTasks: boolean },
): Decision {
  const { iterationId: id, request, hasTasks } = asked;
  if (plan.status !== 'draft' || hasTasks) {
    const what = hasTasks ? 'has tasks already' : `is ${plan.status}`;
    throw new DomainError(
      'conflict',
      `Plan ${plan.number} ${what}; only a draft without tasks can be generated.`,
      { remedy: 'Generate another plan with: planwright generate "title"' },
    );
  }
  return new DecisionBuilder(plan)
    .movePlan('generating')
    .add({
      entity: 'new_iteration',
      id,
      kind: 'generate',
      summary: 'Plan asked of a model',
      changes: [],
      request,
    })
    .event('plan.generating', {})
    .deliver('generate', id, 1)
    .done();
}

/** The plan is written; a person starts it. */
export function decideGenerated(plan: PlanState, payload: Readonly<Record<string, unknown>>): Decision {
  return new DecisionBuilder(plan).movePlan('ready').event('plan.generated', payload).done();
}

/** Nothing came of it: the plan is an empty draft, and can be generated again. */
export function decideGenerationFailed(
  plan: PlanState,
  failed: { readonly iteration: number; readonly message: string },
): Decision {
  return new DecisionBuilder(plan).movePlan('draft').event('generation.failed', failed).done();
}
