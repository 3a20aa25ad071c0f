import { toMicros } from './money.js';
import type { Price, PriceTable, Rates } from './prices.js';

type Row = readonly [input: number, output: number, cacheWrite: number, cacheRead: number];

const rates = ([input, output, cacheWrite, cacheRead]: Row): Rates => ({
  input: toMicros(input),
  output: toMicros(output),
  cacheWrite: toMicros(cacheWrite),
  cacheRead: toMicros(cacheRead),
});

/**
 * USD for a million tokens; cache writes for five minutes. From https://platform.claude.com/docs/en/about-claude/pricing
 * and https://platform.claude.com/docs/en/models/overview, as they were in November 2026.
 */
const ROWS: Readonly<Record<string, Row>> = {
  'claude-fable-5-2': [8, 40, 10, 0.2],
  'claude-fable-5-1': [10, 50, 12.5, 0.25],
  'claude-fable-5': [10, 50, 12.5, 1],
  'claude-mythos-5-1': [10, 50, 12.5, 0.25],
  'claude-mythos-5': [10, 50, 12.5, 1],
  'claude-opus-5-5': [4, 20, 5, 0.2],
  'claude-opus-5': [5, 25, 6.25, 0.5],
  'claude-opus-4-8': [5, 25, 6.25, 0.5],
  'claude-opus-4-7': [5, 25, 6.25, 0.5],
  'claude-opus-4-6': [5, 25, 6.25, 0.5],
  'claude-opus-4-5': [5, 25, 6.25, 0.5],
  'claude-opus-4-1': [15, 75, 18.75, 1.5],
  'claude-opus-4': [15, 75, 18.75, 1.5],
  'claude-sonnet-5-5': [2, 10, 2.5, 0.1],
  'claude-sonnet-5': [2, 10, 2.5, 0.2],
  'claude-sonnet-4-6': [3, 15, 3.75, 0.3],
  'claude-sonnet-4-5': [3, 15, 3.75, 0.3],
  'claude-sonnet-4': [3, 15, 3.75, 0.3],
  'claude-haiku-5-5': [0.1, 0.5, 0.125, 0.01],
  'claude-haiku-4-5': [1, 5, 1.25, 0.1],
};

const LONG_PROMPTS: Readonly<Record<string, { readonly above: number; readonly row: Row }>> = {
  'claude-haiku-5-5': { above: 100_000, row: [0.5, 2.5, 0.625, 0.05] },
};

/** Prices of the provider's current models. */
export const DEFAULT_PRICES: PriceTable = new Map(
  Object.entries(ROWS).map(([model, row]): [string, Price] => {
    const long = LONG_PROMPTS[model];
    const longPrompt = long === undefined ? {} : { longPrompt: { above: long.above, ...rates(long.row) } };
    return [model, { ...rates(row), ...longPrompt }];
  }),
);
