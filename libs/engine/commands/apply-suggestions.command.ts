import { DomainError } from '#domain/domain-error.js';
import { applySuggestions, type Applied, type Chosen } from '#domain/iteration/apply-suggestions.js';
import { draftChanges, type DraftChange } from '#domain/plan/draft.js';
import { checkPlanEditable } from '#domain/plan/editable.js';
import type { EngineDeps } from '../deps.js';
import type { PlanTx, StoredDraft } from '../ports/store.port.js';
import type { ReviewResult } from '../review/review-result.js';
import { onPlan } from '../unit-of-work.js';
import { requireReview } from '../queries/read-review.js';
import { checkEdit, checkRevision, saveEdit, type EditCommand } from './edit-plan.js';

export interface ChosenSuggestions {
  readonly planId: string;
  /** Number or id of the review. */
  readonly review: number | string;
  /** Indices of suggestions, 0-based; absent: all that are not applied yet. */
  readonly indices?: readonly number[] | undefined;
}

export interface SuggestionsOutcome extends Omit<Applied, 'draft'> {
  /** Applied before: nothing was done again. */
  readonly already: readonly number[];
  /** What it changes, or would change. */
  readonly changes: readonly DraftChange[];
  /** Number of the review. */
  readonly review: number;
  /** The revision of the plan, afterwards. */
  readonly revision: number;
}

/**
 * Applies suggestions of a review, in one transaction, as one edit. One whose target changed since, or that the plan
 * cannot take as it is now, is left out and reported; one that was applied before is not applied again.
 *
 * @throws DomainError `not_found`, `invalid` for an index that there is not, `conflict` naming the state,
 *   `precondition_failed`
 */
export function applyChosen(
  deps: EngineDeps,
  command: ChosenSuggestions & Pick<EditCommand, 'actorId' | 'expectedRevision'>,
): Promise<SuggestionsOutcome> {
  const { actorId, expectedRevision } = command;
  return onReview(deps, command, async (tx, open) => {
    const { id, number: review, result, stored, chosen, already } = open;
    const { draft: before, revision } = stored;
    checkRevision(tx.plan, revision, expectedRevision);
    const { draft: after, ...outcome } = tryChosen(deps, stored, chosen);
    const { applied } = outcome;
    if (applied.length > 0) {
      const count = applied.length === 1 ? '1 suggestion' : `${applied.length} suggestions`;
      const summary = `${count} of review ${review} applied`;
      await saveEdit(deps, tx, { before, after, summary, actorId });
      const marks = Object.fromEntries(applied.map((index) => [index, revision + 1]));
      await tx.putResult(id, { ...result, applied: { ...result.applied, ...marks } });
    }
    const changes = draftChanges(before, after);
    return { ...outcome, already, changes, review, revision: revision + (applied.length > 0 ? 1 : 0) };
  });
}

/** What `applyChosen` would do now; nothing changes. @throws as `applyChosen` */
export function previewChosen(deps: EngineDeps, command: ChosenSuggestions): Promise<SuggestionsOutcome> {
  return onReview(deps, command, async (_tx, { number: review, stored, chosen, already }) => {
    const { draft: after, ...outcome } = tryChosen(deps, stored, chosen);
    const { draft: before, revision } = stored;
    return { ...outcome, already, changes: draftChanges(before, after), review, revision };
  });
}

function tryChosen(deps: EngineDeps, stored: StoredDraft, chosen: Chosen): Applied {
  const { draft, state, nextTaskNumber } = stored;
  let number = nextTaskNumber;
  const fresh = { id: () => deps.ids.next(), number: () => number++ };
  return applySuggestions(draft, chosen, fresh, (after) => checkEdit(draft, after, state));
}

interface OpenReview {
  readonly id: string;
  readonly number: number;
  readonly result: ReviewResult;
  readonly stored: StoredDraft;
  readonly chosen: Chosen;
  readonly already: readonly number[];
}

async function onReview<T>(
  deps: EngineDeps,
  { planId, review, indices }: ChosenSuggestions,
  work: (tx: PlanTx, review: OpenReview) => Promise<T>,
): Promise<T> {
  const done = await onPlan(deps, planId, async (tx) => {
    const stored = await tx.draft();
    const { id, number, result } = await endedReview(tx, review);
    const all = result.suggestions.map((_, index) => index);
    const wanted = [...new Set(indices ?? all)];
    const unknown = wanted.filter((index) => !all.includes(index));
    if (unknown.length > 0) throw noSuggestion(number, unknown, all.length);
    const isApplied = (index: number): boolean => String(index) in result.applied;
    const chosen = wanted.flatMap((index) => {
      const suggestion = result.suggestions[index];
      return suggestion === undefined || isApplied(index) ? [] : [{ index, suggestion }];
    });
    // What was applied before needs no plan that can be edited.
    if (chosen.length > 0) checkPlanEditable(stored.state);
    const already = indices === undefined ? [] : wanted.filter(isApplied);
    return { value: await work(tx, { id, number, result, stored, chosen, already }) };
  });
  if (done === null) throw new DomainError('not_found', `There is no plan ${planId}.`);
  return done.value;
}

async function endedReview(
  tx: PlanTx,
  reference: number | string,
): Promise<{ readonly id: string; readonly number: number; readonly result: ReviewResult }> {
  const { id, number, status, result } = await requireReview(tx, reference);
  if (status === 'succeeded') return { id, number, result: result as ReviewResult };
  throw new DomainError('conflict', `Review ${number} of plan ${tx.plan.number} is ${status}.`, {
    remedy: status === 'failed' ? 'Ask for another review.' : 'Wait until it has ended, then apply it.',
  });
}

function noSuggestion(review: number, unknown: readonly number[], count: number): DomainError {
  const range = count === 0 ? 'it has none' : `it has 0 to ${count - 1}`;
  const names = unknown.join(', ');
  return new DomainError('invalid', `Review ${review} has no suggestion ${names}; ${range}.`);
}
