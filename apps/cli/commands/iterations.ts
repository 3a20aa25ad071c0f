import type { IterationDetail, IterationView } from '#contracts/api/iterations.js';
import { ApiClient } from '../api/client.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { numberArgument } from '../number-argument.js';
import { colours, print, printJson, printTable } from '../output/output.js';
import { wantsJson, type FormatOptions } from './plans.js';

/** The history of a plan, or one part of it. */
export async function iterations(
  plan: string,
  number: string | undefined,
  options: FormatOptions & { readonly raw?: boolean },
): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  if (number === undefined) {
    const items = await client.iterations(plan);
    if (wantsJson(options)) printJson('iterations', items);
    else printHistory(items);
    return EXIT.ok;
  }
  const one = await client.iteration(plan, numberArgument('N', number));
  if (wantsJson(options)) printJson('iteration', one);
  else if (options.raw === true) process.stdout.write(one.rawText ?? '');
  else printOne(one);
  return EXIT.ok;
}

function printHistory(items: readonly IterationView[]): void {
  const head = ['n', 'when', 'who', 'kind', 'status', 'what', 'model', 'tokens', 'cost'].map(colours.dim);
  printTable([
    head,
    ...items.map((each) => [
      String(each.number),
      each.createdAt.slice(0, 16),
      each.actor,
      each.kind,
      each.status,
      each.summary,
      each.model ?? '',
      tokensOf(each),
      costOf(each),
    ]),
  ]);
}

function printOne(one: IterationDetail): void {
  print(`${colours.bold(`${one.number}. ${one.summary}`)} (${one.kind}, ${one.status})`);
  print(`${one.actor}, ${one.createdAt}${one.finishedAt === null ? '' : ` to ${one.finishedAt}`}`);
  if (one.model !== null) print(`${one.model}: ${tokensOf(one)} tokens, ${costOf(one)}`);
  if (one.message !== null) print(`Why it failed: ${one.message}`);
  for (const change of one.changes) print(`  ${lineOf(change)}`);
  if (one.rawText !== null)
    print('It holds a text that could not be used; with --raw it is printed as it came.');
}

/** A change of an edit has its path and what is there now; others are shown as they are. */
function lineOf(change: unknown): string {
  const { path, after } = (change ?? {}) as { readonly path?: unknown; readonly after?: unknown };
  const text =
    typeof path === 'string' ? `${path}: ${JSON.stringify(after ?? null)}` : JSON.stringify(change);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

function tokensOf({ model, tokens }: IterationView): string {
  if (model === null) return '';
  return `${tokens.input + tokens.cacheWrite + tokens.cacheRead} in, ${tokens.output} out`;
}

function costOf({ model, costUsd }: IterationView): string {
  return model === null ? '' : `$${costUsd.toFixed(4)}`;
}
