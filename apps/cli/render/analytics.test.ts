import type { AnalyticsSums } from '#contracts/api/analytics.js';
import { analyticsTable, failureLines } from './analytics.js';

const NOTHING: AnalyticsSums = {
  attempts: 0,
  tasks: 0,
  completed: 0,
  firstPass: { judged: 0, passed: 0, rate: null },
  retries: 0,
  failures: [],
  duration: null,
  cost: {
    micros: 0,
    microsPerTask: null,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    calls: 0,
  },
};

test('a group without a profile is none, what cannot be said is a dash, and nothing is still a table', () => {
  const rows = [{ ...NOTHING, profile: null, week: '2026-W01' }];
  const [head, row, total] = analyticsTable({ by: ['profile', 'week'], rows, total: NOTHING });
  expect(head?.slice(0, 3)).toEqual(['profile', 'week', 'attempts']);
  expect(row).toEqual(['none', '2026-W01', '0', '0', '0', '-', '0', '-', '-', '-', '$0.00', '-']);
  expect(total?.slice(0, 3)).toEqual(['in all', '', '0']);
  expect(failureLines({ by: ['week'], rows: [], total: NOTHING })).toEqual([]);
});

test('shares, times and money are told as people read them', () => {
  const duration = { p50: 1_234, p95: 184_000, total: 18_420_000 };
  const cost = { ...NOTHING.cost, micros: 1_500_000, microsPerTask: 750_000 };
  const total = { ...NOTHING, firstPass: { judged: 3, passed: 2, rate: 0.6667 }, duration, cost };
  expect(analyticsTable({ by: ['week'], rows: [], total })[1]).toEqual([
    'in all',
    '0',
    '0',
    '0',
    '67 % (2 of 3)',
    '0',
    '1.2 s',
    '3 m 04 s',
    '5 h 07 m',
    '$1.50',
    '$0.75',
  ]);
});

test('a reason says how many were tried again', () => {
  const failures: AnalyticsSums['failures'] = [
    { failure: 'verification_failed', attempts: 3, retries: 2 },
    { failure: 'lost', attempts: 1, retries: 1 },
    { failure: 'conflict', attempts: 1, retries: 0 },
  ];
  expect(failureLines({ by: ['week'], rows: [], total: { ...NOTHING, failures } })).toEqual([
    'verification failed: 3, 2 of them tried again',
    'lost: 1, tried again',
    'conflict: 1, none tried again',
  ]);
});
