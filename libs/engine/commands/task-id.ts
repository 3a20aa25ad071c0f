import { DomainError } from '#domain/domain-error.js';
import type { Draft } from '#domain/plan/draft.js';

/** @throws DomainError `not_found` */
export function taskIdOf(draft: Draft, number: number): string {
  const task = draft.phases.flatMap((phase) => phase.tasks).find((each) => each.number === number);
  if (task === undefined) throw new DomainError('not_found', `The plan has no task ${number}.`);
  return task.id;
}
