import { readFile } from 'node:fs/promises';
import { parsePrices } from '#contracts/cost/price-file.js';
import { DEFAULT_PRICES } from '#domain/cost/default-prices.js';
import type { PriceTable } from '#domain/cost/prices.js';

/**
 * The built-in prices, and those of a person's own file over them.
 *
 * @throws Error that names the file, and each place in it that is wrong
 */
export async function readPrices(file: string | null): Promise<PriceTable> {
  if (file === null) return DEFAULT_PRICES;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`PLANWRIGHT_PRICES: ${(error as Error).message}`);
  });
  const parsed = parsePrices(text);
  if (parsed.ok) return new Map([...DEFAULT_PRICES, ...parsed.prices]);
  const lines = parsed.problems.map(({ path, message, line, column }) => {
    const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
    return `${place}: ${path === '' ? '' : `${path}: `}${message}`;
  });
  throw new Error(`The prices of PLANWRIGHT_PRICES cannot be used:\n${lines.join('\n')}`);
}
