import { renderCost, tokens, usageWords, usd } from './cost.js';

const COST = {
  usd: 4.98,
  inputTokens: 1_000,
  outputTokens: 999_950,
  cacheReadTokens: 8_000,
  cacheWriteTokens: 1_000,
  calls: 1,
};

test('a plan on which nothing was spent says nothing of money', () => {
  expect(renderCost({ budget: { plan: 5 } })).toEqual([]);
});

test('what was spent is told with its tokens, and with what it may be', () => {
  expect(renderCost({ cost: COST })).toEqual([
    'Cost $4.98: 1 call, 10.0k tokens in (80 % from the cache), 1.0M out',
  ]);
  expect(renderCost({ cost: COST, budget: { plan: 5, attempt: 0.5 } })[0]).toMatch(
    /; its budget: \$5\.00 for the plan, \$0\.50 for an attempt$/,
  );
});

test('little is not shown as nothing', () => {
  expect([0, 0.00004, 0.01, 12].map(usd)).toEqual(['$0.00', '$0.00004', '$0.01', '$12.00']);
  expect([999, 1_000, 999_949].map(tokens)).toEqual(['999', '1.0k', '999.9k']);
  expect(usageWords({ ...COST, inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, calls: 2 })).toBe(
    '2 calls, 0 tokens in, 1.0M out',
  );
});
