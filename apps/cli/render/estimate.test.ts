import type { PlanEstimate } from '#contracts/api/estimate.js';
import { renderEstimate } from './estimate.js';

const task = (over: Partial<PlanEstimate['tasks'][number]>): PlanEstimate['tasks'][number] => ({
  number: 1,
  title: 'T',
  model: 'm',
  basis: 'prompt',
  pastTasks: 0,
  usd: { low: 0.1, expected: 0.2, high: 1 },
  ...over,
});
const usd = { low: 0.2, expected: 0.5, high: 2 };
const lines = (tasks: PlanEstimate['tasks']) => renderEstimate({ usd, tasks }, ({ number }) => `7.${number}`);

test('a plan that calls no model costs nothing', () => {
  expect(lines([task({ basis: 'free' })])).toEqual(['No task calls a model: it costs nothing.']);
});

test('each task that calls a model says what it may cost, and what that is based on', () => {
  expect(
    lines([
      task({}),
      task({ number: 2, basis: 'past', pastTasks: 12 }),
      task({ number: 3, basis: 'unknown', usd: null }),
      task({ number: 4, basis: 'done' }),
      task({ number: 5, basis: 'free', model: null }),
    ]),
  ).toEqual([
    'It may cost $0.20 to $2.00, expected $0.50:',
    '  7.1  $0.10 to $1.00, expected $0.20 (m), from the length of its prompt and how long sessions usually are',
    '  7.2  $0.10 to $1.00, expected $0.20 (m), from 12 such tasks that are done',
    '  7.3  not known: there is no price for its model, see PLANWRIGHT_PRICES (m)',
    '  7.4  it has ended (m)',
    '  1 other task calls no model.',
  ]);
});
