import type { ReviewView, SuggestionsOutcome } from '#contracts/api/reviews.js';
import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { numberArgument } from '../number-argument.js';
import { colours, print, printJson, say } from '../output/output.js';
import { printChanges, printReview } from '../render/suggestions.js';
import { wantsJson, type FormatOptions } from './plans.js';

export interface ReviewOptions extends FormatOptions {
  readonly type: string;
  readonly phase?: string;
  readonly task?: string;
  readonly instructions?: string;
  readonly model?: string;
  readonly effort?: string;
  /** Do not wait for it. */
  readonly wait: boolean;
}

const LOOK_MS = 300;

/** Has a plan reviewed by a model, or shows a review. */
export async function review(
  plan: string,
  number: string | undefined,
  options: ReviewOptions,
): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  const known = number === undefined ? await ask(client, plan, options) : numberArgument('REVIEW', number);
  const seen = options.wait ? await untilReviewed(client, plan, known) : await client.review(plan, known);
  if (wantsJson(options)) printJson('review', seen);
  else if (seen.status === 'succeeded') printReview(plan, seen);
  else if (seen.status !== 'failed')
    say(`Review ${seen.number} is ${seen.status}. Next: planwright review ${plan} ${seen.number}`);
  if (seen.status !== 'failed') return EXIT.ok;
  throw new CliError(EXIT.failed, `Review ${seen.number} failed: ${seen.message ?? 'nobody says why'}`);
}

async function ask(client: ApiClient, plan: string, options: ReviewOptions): Promise<number> {
  const { type: reviewType, phase, task, instructions, model, effort } = options;
  if (phase !== undefined && task !== undefined)
    throw new CliError(EXIT.usage, '--phase and --task stand alone.');
  const target =
    phase !== undefined
      ? { scope: 'phase', targetId: phase }
      : task !== undefined
        ? { scope: 'task', targetId: task }
        : { scope: 'plan' };
  const more = Object.entries({ instructions, model, effort }).filter(([, value]) => value !== undefined);
  const asked = await client.askForReview(plan, { reviewType, ...target, ...Object.fromEntries(more) });
  say(`Review ${asked.number} of plan ${plan} is asked of ${asked.model}.`);
  return asked.number;
}

/** A review once it has ended, or as it is when the signal aborts. */
export async function untilReviewed(
  client: ApiClient,
  plan: string,
  number: number,
  signal?: AbortSignal,
): Promise<ReviewView> {
  for (;;) {
    const seen = await client.review(plan, number);
    const isOver = seen.status === 'succeeded' || seen.status === 'failed';
    if (isOver || signal?.aborted === true) return seen;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Applies suggestions of a review: those that are named, or all. */
export async function apply(
  plan: string,
  number: string,
  indices: readonly string[],
  options: FormatOptions & { readonly dryRun?: boolean },
): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  const chosen = indices.map((index) => (index === '0' ? 0 : numberArgument('INDEX', index)));
  const body = {
    iterationId: numberArgument('REVIEW', number),
    ...(chosen.length === 0 ? {} : { suggestionIndices: chosen }),
  };
  const isDry = options.dryRun === true;
  const outcome = await (isDry ? client.previewSuggestions(plan, body) : client.applySuggestions(plan, body));
  if (wantsJson(options)) printJson('suggestions', outcome);
  else printOutcome(plan, outcome, isDry);
  return outcome.refused.length === 0 ? EXIT.ok : EXIT.failed;
}

function printOutcome(plan: string, outcome: SuggestionsOutcome, isDry: boolean): void {
  const { applied, already, refused, changes } = outcome;
  printChanges(changes);
  const list = (indices: readonly number[]): string => (indices.length === 0 ? 'none' : indices.join(', '));
  print(`${colours.bold(isDry ? 'Would be applied' : 'Applied')}: ${list(applied)}`);
  if (already.length > 0) print(`Applied before: ${list(already)}`);
  for (const { index, reason } of refused) print(`${colours.yellow(`Left out: ${index}`)}  ${reason}`);
  say(
    isDry
      ? `Nothing was changed. Next: planwright apply ${plan} ${outcome.review}`
      : `Plan ${plan} is at revision ${outcome.revision}. Next: planwright show ${plan}`,
  );
}
