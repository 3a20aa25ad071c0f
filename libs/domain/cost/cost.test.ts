import fc from 'fast-check';
import { decideReservation, exceededSentence, leftOf, LEAST_OUTPUT, stopsAgain } from './budget.js';
import { costOf, largestOutput, worstCase, type Tokens } from './call-cost.js';
import { DEFAULT_PRICES } from './default-prices.js';
import { formatUsd, isWholeMicros, toMicros, toUsd } from './money.js';
import { findPrice, priceOf, type Price } from './prices.js';

const rate = fc.integer({ min: 0, max: 200_000_000 });
const rates = fc.record({ input: rate, output: rate, cacheWrite: rate, cacheRead: rate });
const price: fc.Arbitrary<Price> = fc.oneof(
  rates,
  fc
    .tuple(rates, rates, fc.nat(200_000))
    .map(([base, long, above]): Price => ({ ...base, longPrompt: { ...long, above } })),
);
const count = fc.nat(2_000_000);
const tokens = fc.record({
  inputTokens: count,
  outputTokens: count,
  cacheWriteTokens: count,
  cacheReadTokens: count,
});
const micros = fc.nat(50_000_000);
const call = fc.record({ inputTokens: count, maxOutputTokens: fc.integer({ min: 1, max: 128_000 }) });
const limit = fc.option(micros, { nil: null });
const limits = fc.record({ attempt: limit, plan: limit, day: limit });
const spent = fc.record({ attempt: micros, plan: micros, day: micros });

describe('money', () => {
  it('keeps every amount of at most six places, and shows that it is not nothing', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000_000), (amount) => {
        expect(toMicros(toUsd(amount))).toBe(amount);
        expect(isWholeMicros(toUsd(amount))).toBe(true);
        expect(Number(formatUsd(amount).slice(1)) > 0).toBe(amount > 0);
      }),
    );
    expect(isWholeMicros(0.0000001)).toBe(false);
    expect([0, 4_980_000, 12_300, 40].map(formatUsd)).toEqual(['$0.00', '$4.98', '$0.01', '$0.00004']);
  });
});

describe('the cost of a call', () => {
  it('is what the four classes cost, to the micro-dollar', () => {
    const sonnet = priceOf(DEFAULT_PRICES, 'claude-sonnet-5');
    const used = { inputTokens: 1_000, outputTokens: 500, cacheWriteTokens: 2_000, cacheReadTokens: 10_000 };
    expect(costOf(sonnet, used)).toBe(2_000 + 5_000 + 5_000 + 2_000);
  });

  it('is never less than the exact sum and less than a micro-dollar above it, however large', () => {
    fc.assert(
      fc.property(rates, tokens, (of, used) => {
        const exact =
          BigInt(used.inputTokens) * BigInt(of.input) +
          BigInt(used.outputTokens) * BigInt(of.output) +
          BigInt(used.cacheWriteTokens) * BigInt(of.cacheWrite) +
          BigInt(used.cacheReadTokens) * BigInt(of.cacheRead);
        const over = BigInt(costOf(of, used)) * 1_000_000n - exact;
        expect(over >= 0n && over < 1_000_000n).toBe(true);
      }),
    );
  });

  it('never passes the worst case of what was planned, whatever of the input was cached', () => {
    fc.assert(
      fc.property(price, call, fc.nat(100), fc.nat(100), fc.nat(100), (of, planned, write, read, made) => {
        const cacheWriteTokens = Math.floor((planned.inputTokens * write) / 100);
        const cacheReadTokens = Math.floor(((planned.inputTokens - cacheWriteTokens) * read) / 100);
        const used: Tokens = {
          inputTokens: planned.inputTokens - cacheWriteTokens - cacheReadTokens,
          cacheWriteTokens,
          cacheReadTokens,
          outputTokens: Math.floor((planned.maxOutputTokens * made) / 100),
        };
        expect(costOf(of, used)).toBeLessThanOrEqual(worstCase(of, planned));
      }),
    );
  });

  it('takes the rates of long prompts for all tokens of a long prompt, cached ones counted', () => {
    const haiku = priceOf(DEFAULT_PRICES, 'claude-haiku-5-5');
    const none = { inputTokens: 0, outputTokens: 0, cacheWriteTokens: 0, cacheReadTokens: 0 };
    expect(costOf(haiku, { ...none, inputTokens: 100_000, outputTokens: 1_000 })).toBe(10_000 + 500);
    expect(costOf(haiku, { ...none, inputTokens: 1, cacheReadTokens: 100_000, outputTokens: 1_000 })).toBe(
      5_000 + 2_500 + 1,
    );
  });
});

describe('the largest output', () => {
  it('is the largest whose worst case fits, and never more than was asked for', () => {
    fc.assert(
      fc.property(price, call, micros, (of, planned, left) => {
        const fits = largestOutput(of, planned, left);
        expect(fits).toBeLessThanOrEqual(planned.maxOutputTokens);
        if (fits >= 0) expect(worstCase(of, { ...planned, maxOutputTokens: fits })).toBeLessThanOrEqual(left);
        if (fits < planned.maxOutputTokens)
          expect(worstCase(of, { ...planned, maxOutputTokens: Math.max(fits, -1) + 1 })).toBeGreaterThan(
            left,
          );
      }),
    );
  });
});

describe('a reservation', () => {
  it('stays within every limit, or names one that the least worth calling for would cross', () => {
    fc.assert(
      fc.property(price, call, limits, spent, (of, planned, allowed, used) => {
        const decision = decideReservation(of, planned, allowed, used);
        if (decision.kind === 'reserve') {
          expect(decision.maxOutputTokens).toBeGreaterThanOrEqual(
            Math.min(LEAST_OUTPUT, planned.maxOutputTokens),
          );
          for (const scope of ['attempt', 'plan', 'day'] as const) {
            const most = allowed[scope];
            // Of what was overspent before, nothing more is spent.
            if (most !== null) expect(decision.micros).toBeLessThanOrEqual(Math.max(0, most - used[scope]));
          }
          return;
        }
        const { scope, limit: most, needed } = decision.exceeded;
        expect(allowed[scope]).toBe(most);
        expect(needed).toBeGreaterThan(Math.max(0, most - used[scope]));
      }),
    );
  });

  it('without a limit is made as it was asked for', () => {
    const none = { attempt: null, plan: null, day: null };
    const sonnet = priceOf(DEFAULT_PRICES, 'claude-sonnet-5');
    const planned = { inputTokens: 10, maxOutputTokens: 8_000 };
    expect(decideReservation(sonnet, planned, none, { attempt: 9, plan: 9, day: 9 })).toEqual({
      kind: 'reserve',
      maxOutputTokens: 8_000,
      micros: 25 + 80_000,
    });
    expect(leftOf(none, { attempt: 1, plan: 2, day: 3 })).toBeNull();
    expect(leftOf({ attempt: 5, plan: 4, day: null }, { attempt: 1, plan: 9, day: 3 })).toBe(0);
  });

  it('says which limit, what is spent, and the command that raises it', () => {
    const exceeded = { scope: 'plan', limit: 5_000_000, spent: 4_980_000, needed: 120_000 } as const;
    expect(exceededSentence(12, exceeded)).toBe(
      "The plan's budget of $5.00 is used up: $4.98 of it is spent or set aside, and the next call could cost $0.12. Raise it with: planwright update-plan 12 --budget 10, then: planwright resume 12",
    );
    expect(exceededSentence(12, { ...exceeded, scope: 'attempt', limit: 50_000 })).toContain(
      'update-plan 12 --attempt-budget 6',
    );
    expect(exceededSentence(12, { ...exceeded, scope: 'day' })).toContain('PLANWRIGHT_BUDGET_DAY');
  });
});

describe('a plan that stopped for want of money', () => {
  const stop = { scope: 'plan', limit: 5, spent: 4, needed: 2, revision: 1 } as const;
  const used = { attempt: 0, plan: 4, day: 4 };
  const none = { attempt: null, plan: null, day: null };

  it('stops again until the limit leaves room for what was needed', () => {
    expect(stopsAgain(stop, { ...none, plan: 5 }, used, 1)).toBe(true);
    expect(stopsAgain(stop, { ...none, plan: 6 }, used, 2)).toBe(false);
    expect(stopsAgain(stop, none, used, 2)).toBe(false);
    expect(stopsAgain({ ...stop, scope: 'day' }, { ...none, day: 5 }, { ...used, day: 0 }, 1)).toBe(false);
  });

  it('at the limit of an attempt, goes on once that is higher or the plan was edited', () => {
    const attempt = { ...stop, scope: 'attempt' } as const;
    expect(stopsAgain(attempt, { ...none, attempt: 5 }, used, 1)).toBe(true);
    expect(stopsAgain(attempt, { ...none, attempt: 6 }, used, 1)).toBe(false);
    expect(stopsAgain(attempt, { ...none, attempt: 5 }, used, 2)).toBe(false);
  });
});

describe('the price of a model', () => {
  it('is that of its family, also under a dated name, and of the longest name that fits', () => {
    const opus = DEFAULT_PRICES.get('claude-opus-5-5');
    for (const name of [
      'claude-opus-5-5',
      'claude-opus-5-5-20260922',
      'claude-opus-5-5[1m]',
      'claude-opus-5-5-latest',
    ])
      expect(findPrice(DEFAULT_PRICES, name)).toBe(opus);
    expect(findPrice(DEFAULT_PRICES, 'claude-opus-4-20250514')).toBe(DEFAULT_PRICES.get('claude-opus-4'));
  });

  it('is never that of another version: an unknown one is refused, with what to do', () => {
    for (const name of ['claude-opus-5-9', 'claude-opus-55', 'claude-opus-5-9-20270101', 'gpt-9', ''])
      expect(findPrice(DEFAULT_PRICES, name)).toBeNull();
    expect(() => priceOf(DEFAULT_PRICES, 'gpt-9')).toThrow(
      expect.objectContaining({ code: 'invalid', remedy: expect.stringContaining('PLANWRIGHT_PRICES') }),
    );
  });

  it('is that of * where nothing else fits', () => {
    const any = { input: 1, output: 1, cacheWrite: 1, cacheRead: 1 };
    const table = new Map([...DEFAULT_PRICES, ['*', any]]);
    expect(findPrice(table, 'gpt-9')).toBe(any);
    expect(findPrice(table, 'claude-opus-5')).toBe(DEFAULT_PRICES.get('claude-opus-5'));
  });
});
