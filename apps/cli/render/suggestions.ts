import type { ReviewView, SuggestionsOutcome, SuggestionView } from '#contracts/api/reviews.js';
import { colours, print, say } from '../output/output.js';

/** A review: every suggestion with what it would change. */
export function printReview(plan: string, review: ReviewView): void {
  print(colours.bold(`Review ${review.number} (${review.reviewType}, ${review.model})`));
  for (const line of review.suggestions.flatMap(suggestionLines)) print(line);
  for (const { operation, why } of review.unusable)
    print(colours.dim(`   ${operation} was suggested and cannot be done: ${why}`));
  if (review.suggestions.length === 0) say('It suggests nothing.');
  else
    say(
      `Next: planwright apply ${plan} ${review.number} [INDEX …]; with --dry-run it shows what that changes.`,
    );
}

/** What it would change, before and after, and why. */
export function suggestionLines(suggestion: SuggestionView): string[] {
  const { index, operation, target, reason, before, after, ...rest } = suggestion;
  const state = rest.status === 'open' ? '' : `  ${colours.yellow(rest.why ?? rest.status)}`;
  const lines = isPlain(before) && isPlain(after) ? fieldLines(before, after) : sideLines(before, after);
  return [
    `${colours.bold(`${index}`)}  ${operation.replaceAll('_', ' ')}: ${target}${state}`,
    `   ${reason}`,
    ...lines.map((line) => `   ${line}`),
  ];
}

function fieldLines(before: Readonly<Record<string, unknown>>, after: object): string[] {
  return Object.entries(after).flatMap(([field, value]) => [
    ...sides(`${field}: `, colours.red, '-', before[field]),
    ...sides(`${field}: `, colours.green, '+', value),
  ]);
}

function sideLines(before: unknown, after: unknown): string[] {
  return [
    ...(before === null ? [] : sides('', colours.red, '-', before)),
    ...(after === null ? [] : sides('', colours.green, '+', after)),
  ];
}

function sides(label: string, colour: (text: string) => string, sign: string, value: unknown): string[] {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return `${label}${text}`.split('\n').map((line) => colour(`${sign} ${line}`));
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What an edit changes, field by field. */
export function printChanges(changes: SuggestionsOutcome['changes']): void {
  for (const { path, before, after } of changes) {
    if (before !== null) for (const line of sides(`${path}: `, colours.red, '-', before)) print(line);
    if (after !== null) for (const line of sides(`${path}: `, colours.green, '+', after)) print(line);
  }
}
