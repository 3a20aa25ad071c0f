import type { PlanView, TaskView } from '#contracts/api/plans.js';
import { renderStrength } from './strength.js';

type Strength = NonNullable<TaskView['strength']>;

const NONE: Strength = {
  commit: 'c',
  hunks: 1,
  guarded: 1,
  undecided: 0,
  unmeasured: 0,
  checks: 0,
  unguarded: [],
};
const render = (...all: (Strength | null)[]) => {
  const tasks = all.map((strength, at) => ({ number: at + 1, strength }));
  return renderStrength({ number: 12, phases: [{ tasks }] } as unknown as PlanView);
};

test('a task that was measured has one line, and one for each place that nothing guards', () => {
  const unguarded = [
    { file: 'src/a.ts', firstLine: 4, lastLine: 9 },
    { file: 'src/b.ts', firstLine: 2, lastLine: 2 },
    { file: 'logo.png', firstLine: 0, lastLine: 0 },
  ];
  expect(
    render(null, NONE, { ...NONE, hunks: 9, guarded: 4, undecided: 1, unmeasured: 1, checks: 2, unguarded }),
  ).toEqual([
    'Spec of 12.2: 1 of 1 hunk guarded',
    'Spec of 12.3: 4 of 9 hunks guarded; 1 could not be decided; 1 not measured in time; by its rules alone: its checks were not run',
    '  unguarded: src/a.ts:4-9',
    '  unguarded: src/b.ts:2',
    '  unguarded: logo.png',
  ]);
});

test('more places than a person reads are counted', () => {
  const unguarded = Array.from({ length: 13 }, (_, at) => ({
    file: 'a',
    firstLine: at + 1,
    lastLine: at + 1,
  }));
  expect(render({ ...NONE, hunks: 14, unguarded }).at(-1)).toBe('  and 3 more');
});
