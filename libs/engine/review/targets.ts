import { DomainError } from '#domain/domain-error.js';
import type { Draft, DraftPhase, DraftTask } from '#domain/plan/draft.js';
import type { ReviewRequest } from './review-request.js';

/** The task of that key, where the review is about it. @throws DomainError `invalid` */
export function taskIn(draft: Draft, { scope, targetId }: ReviewRequest, key: string): DraftTask {
  for (const phase of draft.phases) {
    const task = phase.tasks.find((each) => each.key === key);
    if (task === undefined) continue;
    const isInScope = scope === 'plan' || targetId === (scope === 'task' ? task.id : phase.id);
    if (!isInScope) throw new DomainError('invalid', `Task "${key}" is not what was to be reviewed.`);
    return task;
  }
  throw new DomainError('invalid', `The plan has no task "${key}".`);
}

/**
 * The phase of that number, where the review is about it or about a task of it.
 *
 * @throws DomainError `invalid`
 */
export function phaseIn(draft: Draft, { scope, targetId }: ReviewRequest, number: number): DraftPhase {
  const phase = phaseNumbered(draft, number);
  const isInScope =
    scope === 'plan' ||
    (scope === 'phase' ? phase.id === targetId : phase.tasks.some(({ id }) => id === targetId));
  if (!isInScope) throw new DomainError('invalid', `Phase ${number} is not what was to be reviewed.`);
  return phase;
}

/** @throws DomainError `invalid` */
export function phaseNumbered(draft: Draft, number: number): DraftPhase {
  const phase = draft.phases[number - 1];
  if (phase !== undefined) return phase;
  throw new DomainError(
    'invalid',
    `The plan has no phase ${number}; its phases are 1 to ${draft.phases.length}.`,
  );
}

/** What is suggested is about more than what was to be reviewed. */
export function outOfScope({ scope }: ReviewRequest): DomainError {
  return new DomainError('invalid', `Only one ${scope} was to be reviewed.`);
}
