import { DomainError } from '../domain-error.js';
import type { Draft } from '../plan/draft.js';
import { carryOut, type Fresh } from './carry-out.js';
import { staleness } from './staleness.js';
import type { Suggestion } from './suggestion.js';

/** Suggestions by their index, in the order in which they are applied. */
export type Chosen = readonly { readonly index: number; readonly suggestion: Suggestion }[];

export interface Applied {
  readonly draft: Draft;
  readonly applied: readonly number[];
  /** Left out, each with a sentence that says why. */
  readonly refused: readonly { readonly index: number; readonly reason: string }[];
}

/**
 * Applies suggestions one after the other, each to what the ones before it made of the plan. One whose target is no
 * longer what the reviewer saw, or after which the plan would not hold together, is left out and reported.
 *
 * @param fresh ids, and numbers that no task ever had
 * @param check throws a DomainError where a plan may not become what it is given
 */
export function applySuggestions(
  draft: Draft,
  chosen: Chosen,
  fresh: Fresh,
  check: (after: Draft) => void,
): Applied {
  const applied: number[] = [];
  const refused: { index: number; reason: string }[] = [];
  let now = draft;
  for (const { index, suggestion } of chosen) {
    const next = tryOne(now, suggestion, fresh, check);
    if (typeof next === 'string') refused.push({ index, reason: next });
    else {
      now = next;
      applied.push(index);
    }
  }
  return { draft: now, applied, refused };
}

function tryOne(
  draft: Draft,
  { change }: Suggestion,
  fresh: Fresh,
  check: (after: Draft) => void,
): Draft | string {
  const stale = staleness(draft, change);
  if (stale !== null) return stale;
  try {
    const after = carryOut(draft, change, fresh);
    check(after);
    return after;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const problems = error.problems.map(({ message }) => message);
    return [error.message, ...problems].join(' ');
  }
}
