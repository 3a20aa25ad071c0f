import { DecisionBuilder } from '#domain/plan/decision.js';
import { checkEdit } from '../commands/edit-plan.js';
import { askStructured, StructuredFailure } from '../model/structured.js';
import { paidLlm, type ModelDeps } from '../model/paid-llm.js';
import type { StoredDraft } from '../ports/store.port.js';
import { REVIEW_ANSWERS, type ReviewAnswer } from '../review/review-answer.js';
import { reviewMessage, reviewerSystem } from '../review/prompts.js';
import { reviewRequest, type ReviewRequest } from '../review/review-request.js';
import type { ReviewResult } from '../review/review-result.js';
import { toSuggestions, type ReadAnswer } from '../review/to-suggestions.js';
import { IterationFailed, workIteration, type IterationInHand } from './iteration-work.js';

const MAX_OUTPUT_TOKENS = 16_000;

/** One delivery of a review: a model says what it would change of the plan, and nothing of the plan changes. */
export function reviewPlan(deps: ModelDeps, id: string, shutdown: AbortSignal): Promise<void> {
  return workIteration(
    deps,
    {
      kind: 'review',
      carryOut: (inHand) => carryOut(deps, inHand),
      failed: (tx, { number: iteration, actorId }, message) =>
        tx.apply(new DecisionBuilder(tx.plan).event('review.failed', { iteration, message }).done(), actorId),
    },
    id,
    shutdown,
  );
}

async function carryOut(deps: ModelDeps, inHand: IterationInHand): Promise<void> {
  const { order, signal } = inHand;
  const { number: iteration, actorId } = order;
  const request = reviewRequest.parse(order.request);
  const stored = await planAsIs(inHand, request);
  const llm = paidLlm(deps, order, 'reviewer', signal);
  const answer = await ask(llm, stored, request, signal);
  await inHand.succeed(async (tx) => {
    // Read again: what changed meanwhile is not offered as it was.
    const { suggestions, unusable } = read(await tx.draft(), request, answer);
    const event = { iteration, suggestions: suggestions.length, unusable: unusable.length };
    await tx.apply(new DecisionBuilder(tx.plan).event('plan.reviewed', event).done(), actorId);
    const result: ReviewResult = { suggestions, unusable, applied: {} };
    const count = suggestions.length === 1 ? '1 suggestion' : `${suggestions.length} suggestions`;
    return { summary: `Reviewed (${request.type}): ${count}`, result };
  });
}

async function planAsIs(
  { order, write }: IterationInHand,
  { type, scope, model, effort }: ReviewRequest,
): Promise<StoredDraft> {
  const seen: StoredDraft[] = [];
  await write(async (tx) => {
    const event = { iteration: order.number, type, scope, model, effort, claim: order.token };
    await tx.apply(new DecisionBuilder(tx.plan).event('review.started', event).done(), order.actorId);
    seen.push(await tx.draft());
  });
  const [stored] = seen;
  if (stored === undefined) throw new Error('the plan was not read');
  return stored;
}

async function ask(
  llm: ReturnType<typeof paidLlm>,
  stored: StoredDraft,
  request: ReviewRequest,
  signal: AbortSignal,
): Promise<ReviewAnswer> {
  const text = reviewMessage(stored.draft, stored.state, request);
  try {
    const { value } = await askStructured<ReviewAnswer>({
      llm,
      call: {
        model: request.model,
        effort: request.effort,
        system: reviewerSystem(request),
        messages: [{ role: 'user', content: [{ type: 'text', text }] }],
        tools: [],
        maxOutputTokens: MAX_OUTPUT_TOKENS,
        signal,
      },
      schema: REVIEW_ANSWERS[request.type],
      check: (answer) => {
        const { suggestions, unusable } = read(stored, request, answer);
        return suggestions.length > 0 ? [] : unusable.map(({ operation, why }) => `${operation}: ${why}`);
      },
    });
    return value;
  } catch (error) {
    if (!(error instanceof StructuredFailure)) throw error;
    throw new IterationFailed(error.message, error.texts.join('\n\n'));
  }
}

function read({ draft, state }: StoredDraft, request: ReviewRequest, answer: ReviewAnswer): ReadAnswer {
  return toSuggestions(draft, request, answer.suggestions, (after) => checkEdit(draft, after, state));
}
