import type { Suggestion } from '#domain/iteration/suggestion.js';

/** What a review came to, as its iteration keeps it. */
export interface ReviewResult {
  readonly suggestions: readonly Suggestion[];
  /** What the model suggested and could not be done, each with why. */
  readonly unusable: readonly { readonly operation: string; readonly reason: string; readonly why: string }[];
  /** Numbers of the iterations that applied suggestions, by the suggestion's index. */
  readonly applied: Readonly<Record<string, number>>;
}
