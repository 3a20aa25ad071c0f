import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Problem } from '#domain/domain-error.js';
import { toMicros } from '#domain/cost/money.js';
import type { Price, PriceTable, Rates } from '#domain/cost/prices.js';
import { usdAmount } from '../plan/budget-file.js';
import { PlanPositions } from '../plan/plan-positions.js';
import { issuesToProblems } from '../problems.js';
import { didYouMean } from '../spec/did-you-mean.js';

/** USD for a million tokens. Cache writes are billed as input where nothing is said, and so are cache reads. */
const ratesShape = {
  input: usdAmount,
  output: usdAmount,
  cacheWrite: usdAmount.optional(),
  cacheRead: usdAmount.optional(),
};
const rates = z.strictObject(ratesShape);

/** Prices of models, as a person writes them; they replace the built-in ones of the same name. */
export const priceFileSchema = z.strictObject({
  /** By a model's name, without its date; `*` is every model without a price. */
  models: z.record(
    z.string().min(1).max(200),
    z.strictObject({
      ...ratesShape,
      /** For all tokens of calls whose prompt is longer. */
      longPrompt: rates.extend({ above: z.int().min(1) }).optional(),
    }),
  ),
});

export type ParsedPrices =
  | { readonly ok: true; readonly prices: PriceTable }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const KEYS = ['models', 'longPrompt', 'above', ...Object.keys(ratesShape)];

/** Reads a file of prices, YAML or JSON. @returns every problem with its place, where it is wrong */
export function parsePrices(text: string): ParsedPrices {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, pos }) => {
      const { line, col } = lines.linePos(pos[0]);
      return { path: '', message, line, column: col };
    });
    return { ok: false, problems };
  }
  const result = priceFileSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!result.success) {
    const { locate } = new PlanPositions(text, document, lines);
    return {
      ok: false,
      problems: issuesToProblems(result.error.issues, locate, (key) => didYouMean(key, KEYS)),
    };
  }
  return {
    ok: true,
    prices: new Map(
      Object.entries(result.data.models).map(([model, { longPrompt, ...base }]): [string, Price] => {
        const long =
          longPrompt === undefined ? {} : { longPrompt: { above: longPrompt.above, ...toRates(longPrompt) } };
        return [model, { ...toRates(base), ...long }];
      }),
    ),
  };
}

function toRates({ input, output, cacheWrite = input, cacheRead = input }: z.output<typeof rates>): Rates {
  return {
    input: toMicros(input),
    output: toMicros(output),
    cacheWrite: toMicros(cacheWrite),
    cacheRead: toMicros(cacheRead),
  };
}
