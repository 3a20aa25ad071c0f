import { effectProblems, impliedEffect, type EffectInput } from './task-effect.js';
import { EXECUTOR_KINDS } from './state.js';

const task = (over: Partial<EffectInput> = {}): EffectInput => ({
  effect: 'none',
  executorKind: 'command',
  checkout: false,
  hasSpec: false,
  mayChange: [],
  writes: [],
  supersedes: [],
  profile: null,
  needs: [],
  ...over,
});
const paths = (over: Partial<EffectInput>) => effectProblems(task(over)).map(({ path }) => path.join('.'));

it('milestones and waits imply that nothing changes', () => {
  expect(EXECUTOR_KINDS.map((kind) => [kind, impliedEffect(kind)])).toEqual([
    ['command', 'change'],
    ['agent', 'change'],
    ['claude', 'change'],
    ['profile', 'change'],
    ['patch', 'change'],
    ['milestone', 'none'],
    ['wait', 'none'],
    ['external', 'change'],
  ]);
});

it.each([
  ['a spec', { hasSpec: true }, ['spec']],
  ['protected paths', { mayChange: ['a'] }, ['mayChange']],
  ['a write scope', { writes: ['a'] }, ['writes']],
  ['ended contracts', { supersedes: ['a.r'] }, ['supersedes']],
  [
    'all of them, each at its place',
    { hasSpec: true, mayChange: ['a'], writes: ['b'] },
    ['spec', 'mayChange', 'writes'],
  ],
])('a task that changes nothing has no use for %s', (_, over, expected) => {
  expect(paths(over)).toEqual(expected);
  expect(paths({ ...over, effect: 'change' })).toEqual([]);
});

it.each(['milestone', 'wait'] as const)('a %s cannot change anything', (executorKind) => {
  expect(paths({ effect: 'change', executorKind })).toEqual(['effect']);
  expect(paths({ effect: 'none', executorKind })).toEqual([]);
});

it('a patch changes files', () => {
  expect(paths({ effect: 'none', executorKind: 'patch' })).toEqual(['effect']);
  expect(paths({ effect: 'change', executorKind: 'patch' })).toEqual([]);
});

it('only a command that changes nothing says whether it wants a checkout', () => {
  expect(paths({ effect: 'change', checkout: true })).toEqual(['executor.checkout']);
  expect(paths({ effect: 'none', checkout: true })).toEqual([]);
});

it('who says nothing of who does it names a profile, or what it needs', () => {
  const open = { effect: 'change', executorKind: 'profile' } as const;
  expect(paths(open)).toEqual(['executor']);
  expect(paths({ ...open, profile: 'backend' })).toEqual([]);
  expect(paths({ ...open, needs: ['sql'] })).toEqual([]);
  expect(paths({ ...open, effect: 'none', needs: ['sql'] })).toEqual(['effect']);
});

it('only what a worker changes is under a profile', () => {
  expect(paths({ effect: 'change', profile: 'backend' })).toEqual([]);
  expect(paths({ effect: 'none', profile: 'backend' })).toEqual(['profile']);
  expect(paths({ effect: 'change', executorKind: 'external', profile: 'backend' })).toEqual(['profile']);
});
