import { DomainError } from '../domain-error.js';
import type { Micros } from './money.js';

/** What a million tokens cost. Tokens are billed in four classes that do not overlap. */
export interface Rates {
  readonly input: Micros;
  readonly output: Micros;
  readonly cacheWrite: Micros;
  readonly cacheRead: Micros;
}

export interface Price extends Rates {
  /** Other rates for every token of a call whose prompt, cached tokens included, is longer than this. */
  readonly longPrompt?: Rates & { readonly above: number };
}

/** Prices by the name of a model or of its family; `*` is every other model. */
export type PriceTable = ReadonlyMap<string, Price>;

export const ANY_MODEL = '*';

/** What may follow a family's name: a date, an edition or a place, never another version or a sibling's name. */
const EDITION = /^(|-\d{8}|-latest)([@:[].*|-v\d.*)?$/;

/** The entry for a model: the longest name that the model's own begins with. Null: there is none. */
export function findPrice(table: PriceTable, model: string): Price | null {
  let best: string | null = null;
  for (const name of table.keys()) {
    if (name === ANY_MODEL || !model.startsWith(name) || !EDITION.test(model.slice(name.length))) continue;
    if (best === null || name.length > best.length) best = name;
  }
  return table.get(best ?? ANY_MODEL) ?? null;
}

/** @throws DomainError `invalid` for a model that nobody knows the price of: it could cost anything */
export function priceOf(table: PriceTable, model: string): Price {
  const price = findPrice(table, model);
  if (price !== null) return price;
  throw new DomainError('invalid', `There is no price for the model "${model}": no call of it is made.`, {
    remedy: `Give it one in the file that PLANWRIGHT_PRICES names, such as "models: { ${model}: { input: 3, output: 15 } }", in USD for a million tokens; "*" is every model without one.`,
  });
}
