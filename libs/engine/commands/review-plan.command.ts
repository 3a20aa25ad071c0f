import type { ExecutorFile } from '#contracts/plan/executor-file.js';
import { DomainError } from '#domain/domain-error.js';
import type { ReviewScope, ReviewType } from '#domain/iteration/suggestion.js';
import { decidePlanReview } from '#domain/plan/decisions/plan-review.js';
import type { Draft } from '#domain/plan/draft.js';
import { checkPlanEditable } from '#domain/plan/editable.js';
import type { EngineDeps } from '../deps.js';
import { toExecutor } from '../executors.js';
import type { Effort } from '../ports/llm.port.js';
import type { ReviewRequest } from '../review/review-request.js';
import { decideOnPlan } from './on-known-plan.js';

/** The model that reviews where nobody names one. */
export interface ReviewerModel {
  readonly model: string;
  readonly effort: Effort | null;
}

export interface ReviewPlanCommand {
  readonly planId: string;
  readonly actorId: string;
  readonly type: ReviewType;
  readonly scope: ReviewScope;
  /** Of a phase its id or number, of a task its id, number or key. */
  readonly target?: string | undefined;
  readonly instructions?: string | undefined;
  readonly executor?: ExecutorFile | undefined;
  readonly model?: string | undefined;
  readonly effort?: Effort | undefined;
}

/**
 * Has a model review a plan, a phase or a task.
 *
 * @returns the id of the iteration in which it does
 * @throws DomainError `not_found`, `invalid` for a target that does not fit the scope, `conflict` naming the state
 */
export async function askForReview(
  deps: EngineDeps,
  reviewer: ReviewerModel,
  command: ReviewPlanCommand,
): Promise<string> {
  const iterationId = deps.ids.next();
  const { type, scope, target, instructions = '', executor } = command;
  await decideOnPlan(deps, command, async (tx) => {
    const { draft, state } = await tx.draft();
    checkPlanEditable(state);
    const request: ReviewRequest = {
      type,
      scope,
      targetId: targetOf(draft, scope, target),
      instructions,
      executor: executor === undefined ? null : { ...toExecutor(executor) },
      model: command.model ?? reviewer.model,
      effort: command.effort ?? reviewer.effort,
    };
    return decidePlanReview(tx.plan, { iterationId, type, request });
  });
  return iterationId;
}

function targetOf(draft: Draft, scope: ReviewScope, target: string | undefined): string | null {
  if (scope === 'plan') {
    if (target === undefined) return null;
    throw new DomainError('invalid', 'A review of the whole plan has no target.', {
      remedy: 'Say scope phase or task, or leave the target out.',
    });
  }
  const id = target === undefined ? undefined : found(draft, scope, target);
  if (id !== undefined) return id;
  const [what, how] = scope === 'phase' ? ['phase', 'its id or number'] : ['task', 'its id, number or key'];
  throw new DomainError(
    target === undefined ? 'invalid' : 'not_found',
    target === undefined ? `Which ${what} is to be reviewed?` : `The plan has no ${what} ${target}.`,
    { remedy: `Name a ${what} by ${how}.` },
  );
}

function found(draft: Draft, scope: 'phase' | 'task', target: string): string | undefined {
  if (scope === 'phase')
    return draft.phases.find(({ id }, at) => id === target || String(at + 1) === target)?.id;
  const tasks = draft.phases.flatMap(({ tasks }) => tasks);
  const named = tasks.find(({ id, key }) => id === target || key === target);
  return (named ?? tasks.find(({ number }) => String(number) === target))?.id;
}
