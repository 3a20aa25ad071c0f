import type { Micros } from './money.js';
import type { Price, Rates } from './prices.js';

/** Tokens of a call as they are billed; the four classes do not overlap. */
export interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheWriteTokens: number;
  readonly cacheReadTokens: number;
}

/** A call before it is made. */
export interface PlannedCall {
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
}

const MILLION = 1_000_000n;

/** What the tokens cost, rounded up to a micro-dollar. */
export function costOf(price: Price, tokens: Tokens): Micros {
  const { inputTokens, outputTokens, cacheWriteTokens, cacheReadTokens } = tokens;
  const rates = ratesFor(price, inputTokens + cacheWriteTokens + cacheReadTokens);
  return roundUp(
    times(inputTokens, rates.input) +
      times(outputTokens, rates.output) +
      times(cacheWriteTokens, rates.cacheWrite) +
      times(cacheReadTokens, rates.cacheRead),
  );
}

/** The most that a call can cost: all of its input billed in the dearest class, and all of its output produced. */
export function worstCase(price: Price, { inputTokens, maxOutputTokens }: PlannedCall): Micros {
  const rates = ratesFor(price, inputTokens);
  return roundUp(times(inputTokens, dearestInput(rates)) + times(maxOutputTokens, rates.output));
}

/**
 * The most output that a call may have, up to what it asks for, so that its worst case stays within what is left.
 * Below zero: its input alone costs more.
 */
export function largestOutput(
  price: Price,
  { inputTokens, maxOutputTokens }: PlannedCall,
  left: Micros,
): number {
  const rates = ratesFor(price, inputTokens);
  const room = BigInt(left) * MILLION - times(inputTokens, dearestInput(rates));
  if (room < 0n) return -1;
  if (rates.output === 0) return maxOutputTokens;
  const fits = room / BigInt(rates.output);
  return fits < BigInt(maxOutputTokens) ? Number(fits) : maxOutputTokens;
}

function ratesFor({ longPrompt, ...rates }: Price, promptTokens: number): Rates {
  return longPrompt !== undefined && promptTokens > longPrompt.above ? longPrompt : rates;
}

function dearestInput({ input, cacheWrite, cacheRead }: Rates): Micros {
  return Math.max(input, cacheWrite, cacheRead);
}

/** Millionths of a micro-dollar. */
function times(tokens: number, rate: Micros): bigint {
  return BigInt(tokens) * BigInt(rate);
}

function roundUp(millionths: bigint): Micros {
  return Number((millionths + MILLION - 1n) / MILLION);
}
