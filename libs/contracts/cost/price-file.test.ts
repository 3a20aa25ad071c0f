import { parsePrices } from './price-file.js';

test('prices are read to the micro-dollar; cached tokens cost as input does unless something else is said', () => {
  const parsed = parsePrices(
    'models:\n  own-model: { input: 0.1, output: 2 }\n  "*":\n    { input: 3, output: 15, cacheWrite: 3.75, cacheRead: 0.3, longPrompt: { above: 200000, input: 6, output: 22.5 } }\n',
  );
  expect(parsed.ok && [...parsed.prices]).toEqual([
    ['own-model', { input: 100_000, output: 2_000_000, cacheWrite: 100_000, cacheRead: 100_000 }],
    [
      '*',
      {
        input: 3_000_000,
        output: 15_000_000,
        cacheWrite: 3_750_000,
        cacheRead: 300_000,
        longPrompt: {
          above: 200_000,
          input: 6_000_000,
          output: 22_500_000,
          cacheWrite: 6_000_000,
          cacheRead: 6_000_000,
        },
      },
    ],
  ]);
});

test('JSON is read as well', () => {
  expect(parsePrices('{"models": {"a": {"input": 1, "output": 2}}}').ok).toBe(true);
});

test('whatever is wrong is told with its place', () => {
  const parsed = parsePrices('models:\n  a:\n    input: -1\n    output: 0.0000001\n    cacheWrit: 1\n');
  expect(parsed.ok ? [] : parsed.problems).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ path: 'models.a.input', line: 3 }),
      expect.objectContaining({
        path: 'models.a.output',
        line: 4,
        message: 'must have at most six decimal places',
      }),
      expect.objectContaining({
        path: 'models.a.cacheWrit',
        line: 5,
        message: expect.stringContaining('cacheWrite') as string,
      }),
    ]),
  );
  expect(parsePrices('models: [').ok).toBe(false);
  expect(parsePrices('').ok).toBe(false);
});
