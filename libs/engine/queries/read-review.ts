import type { ReviewView } from '#contracts/api/reviews.js';
import { DomainError } from '#domain/domain-error.js';
import type { EngineDeps } from '../deps.js';
import type { StoredIteration } from '../ports/iteration.port.js';
import type { PlanTx } from '../ports/store.port.js';
import { reviewRequest } from '../review/review-request.js';
import type { ReviewResult } from '../review/review-result.js';
import { shownSuggestions } from '../review/shown-suggestions.js';
import { onPlan } from '../unit-of-work.js';

/**
 * A review with its suggestions, each against the plan as it is now.
 *
 * @param reference number or id
 * @throws DomainError `not_found`
 */
export async function readReview(
  deps: EngineDeps,
  planId: string,
  reference: number | string,
): Promise<ReviewView> {
  const view = await onPlan(deps, planId, async (tx): Promise<ReviewView> => {
    const { number, status, request, result, message } = await requireReview(tx, reference);
    const { type, scope, model } = reviewRequest.parse(request);
    const { draft } = await tx.draft();
    const ended = result as ReviewResult | null;
    const suggestions = ended === null ? [] : shownSuggestions(draft, ended);
    const unusable = [...(ended?.unusable ?? [])];
    return { number, status, reviewType: type, scope, model, message, suggestions, unusable };
  });
  if (view === null) throw new DomainError('not_found', `There is no plan ${planId}.`);
  return view;
}

/** @throws DomainError `not_found` */
export async function requireReview(tx: PlanTx, reference: number | string): Promise<StoredIteration> {
  const found = await tx.iterationOf('review', reference);
  if (found !== null) return found;
  throw new DomainError('not_found', `Plan ${tx.plan.number} has no review ${reference}.`, {
    remedy: `See its reviews with: planwright iterations ${tx.plan.number}`,
  });
}
