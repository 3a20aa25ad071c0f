import fc from 'fast-check';
import { DEFAULT_PRICES } from './default-prices.js';
import { approximateTokens, estimateTask, sumRanges, type EstimatedTask } from './estimate.js';
import { priceOf } from './prices.js';

const price = priceOf(DEFAULT_PRICES, 'claude-sonnet-5-5');
const task = (over: Partial<EstimatedTask> = {}): EstimatedTask => ({
  ended: false,
  callsModel: true,
  past: null,
  price,
  prompt: 'Rename a to b.',
  turns: null,
  ...over,
});

it('what calls no model is free, and so is what has ended', () => {
  const free = { low: 0, expected: 0, high: 0 };
  expect(estimateTask(task({ callsModel: false }))).toEqual({ basis: 'free', range: free, pastTasks: 0 });
  expect(estimateTask(task({ ended: true }))).toMatchObject({ basis: 'done', range: free });
});

it('tasks done alike say more than a prompt does, where there are enough of them', () => {
  const past = { low: 1, expected: 5, high: 9, tasks: 3 };
  expect(estimateTask(task({ past, price: null }))).toEqual({
    basis: 'past',
    range: { low: 1, expected: 5, high: 9 },
    pastTasks: 3,
  });
  expect(estimateTask(task({ past: { ...past, tasks: 2 } })).basis).toBe('prompt');
});

it('without a price nothing is said, and a sum leaves it out', () => {
  const unknown = estimateTask(task({ price: null }));
  expect(unknown).toEqual({ basis: 'unknown', range: null, pastTasks: 0 });
  expect(sumRanges([unknown.range, { low: 1, expected: 2, high: 3 }])).toEqual({
    low: 1,
    expected: 2,
    high: 3,
  });
});

it('an estimate from a prompt is in order, grows with the prompt, and keeps to the turns that are allowed', () => {
  const rangeOf = (over: Partial<EstimatedTask>) => estimateTask(task(over)).range ?? sumRanges([]);
  fc.assert(
    fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 200 }), (length, turns) => {
      const prompt = 'x'.repeat(length);
      const { low, expected, high } = rangeOf({ prompt });
      expect(0 < low && low < expected && expected < high).toBe(true);
      expect(rangeOf({ prompt: `${prompt}${'y'.repeat(400)}` }).low).toBeGreaterThan(low);
      expect(rangeOf({ prompt, turns }).expected).toBeLessThanOrEqual(expected);
    }),
  );
  expect(rangeOf({ turns: 4 }).expected).toBe(rangeOf({}).low);
});

it('tokens are a quarter of the characters, and every character of other scripts', () => {
  expect([approximateTokens(''), approximateTokens('abcde'), approximateTokens('日本語')]).toEqual([0, 2, 3]);
});
