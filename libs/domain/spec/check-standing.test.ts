import { broke, check, passed, ran, runsOf, slow, type Runs } from '#testing/check-runs.js';
import { judgeCheck, type CheckStanding } from './check-standing.js';
import type { SpecCheck } from './spec.js';

function judge(
  on: { candidate: Runs; before?: Runs; base?: Runs; planBase?: Runs },
  part: Partial<SpecCheck> = {},
  unchanged = false,
) {
  const standing: CheckStanding = {
    id: 'unit',
    candidate: runsOf(on.candidate),
    ...(on.before && { candidateBefore: runsOf(on.before) }),
    ...(on.base && { attemptBase: runsOf(on.base) }),
    ...(on.planBase && { planBase: runsOf(on.planBase) }),
  };
  return judgeCheck({ ...check, ...part }, standing, unchanged);
}

describe('test by test', () => {
  test.each<[string, Parameters<typeof judge>[0], object, object]>([
    [
      'what failed before does not block and turns nothing',
      { candidate: ['a !b'], base: ['a !b', 'a !b'] },
      { candidate: 'green', turned: false },
      { preExisting: 1, new: 0 },
    ],
    [
      'a new failure is red',
      { candidate: ['!a !b', '!a !b'], base: ['a !b'] },
      { candidate: 'red', violations: 1 },
      { new: 1, preExisting: 1 },
    ],
    [
      'so is a failing test that did not exist',
      { candidate: ['a !c', 'a !c'], base: ['a'] },
      { candidate: 'red' },
      { new: 1 },
    ],
    [
      'a failure that passed the second time is flaky',
      { candidate: ['!a b', 'a b'], base: ['a b'] },
      { candidate: 'green', turned: false },
      { new: 0, flaky: 1 },
    ],
    [
      'two that failed once each are flaky',
      { candidate: ['!a b', 'a !b'], base: ['a b'] },
      { candidate: 'green' },
      { flaky: 2 },
    ],
    [
      'a failure that is missing the second time did not pass',
      { candidate: ['!a b', 'b'], base: ['a b'] },
      { candidate: 'red' },
      { new: 1 },
    ],
    [
      'a test that is gone is red',
      { candidate: ['a', 'a'], base: ['a b', 'a b'] },
      { candidate: 'red', violations: 1 },
      { gone: 1 },
    ],
    [
      'also one that failed before',
      { candidate: ['a', 'a'], base: ['a !b', 'a !b'] },
      { candidate: 'red', turned: false },
      { gone: 1, fixed: 0 },
    ],
    [
      'a renamed one is gone',
      { candidate: ['a c', 'a c'], base: ['a b', 'a b'] },
      { candidate: 'red' },
      { gone: 1 },
    ],
    [
      'one that is skipped now is gone',
      { candidate: ['a ?b', 'a ?b'], base: ['a b', 'a b'] },
      { candidate: 'red' },
      { gone: 1 },
    ],
    [
      'one that was skipped already is not',
      { candidate: ['a'], base: ['a ?b'] },
      { candidate: 'green' },
      { gone: 0 },
    ],
    [
      'a name that differs from run to run is not gone',
      { candidate: ['a x3', 'a x4'], base: ['a x1', 'a x2'] },
      { candidate: 'green' },
      { gone: 0 },
    ],
    [
      'what failed twice and passes turns',
      { candidate: ['a !b'], base: ['!a !b', '!a !b'] },
      { candidate: 'green', turned: true },
      { fixed: 1, preExisting: 1 },
    ],
    ['what failed once may be flaky and does not', { candidate: ['a'], base: ['!a'] }, { turned: false }, {}],
    [
      'a flaky base turns nothing',
      { candidate: ['a b'], base: ['!a b', 'a b'] },
      { candidate: 'green', turned: false },
      { flaky: 1, fixed: 0 },
    ],
    [
      'a new test in a green suite turns nothing',
      { candidate: ['a b'], base: ['a', 'a'] },
      { candidate: 'green', turned: false },
      { fixed: 0 },
    ],
    [
      'the base of the plan turns too',
      { candidate: ['a b'], base: ['a b'], planBase: ['a !b', 'a !b'] },
      { turned: true },
      { fixed: 1 },
    ],
    [
      'a red candidate turns nothing',
      { candidate: ['a !c', 'a !c'], base: ['!a', '!a'] },
      { candidate: 'red', turned: false },
      { new: 1 },
    ],
    [
      'a flaky test on the base of the plan is known',
      { candidate: ['!a b', '!a b'], base: ['a b'], planBase: ['a b', '!a b'] },
      { candidate: 'green' },
      { new: 0, flaky: 1 },
    ],
    [
      'an earlier run on the same tree makes it known too',
      { candidate: ['!a b'], before: ['a b'], base: ['a b'] },
      { candidate: 'green' },
      { flaky: 1 },
    ],
    [
      'and then it turns nothing',
      { candidate: ['a'], before: ['!a'], base: ['!a', '!a'] },
      { candidate: 'green', turned: false },
      { fixed: 0 },
    ],
    [
      'two of one name are counted: one broke',
      { candidate: ['a !a', 'a !a'], base: ['a a'] },
      { candidate: 'red' },
      { new: 1 },
    ],
    [
      'one of them failed before',
      { candidate: ['!a a'], base: ['a !a', 'a !a'] },
      { candidate: 'green' },
      { preExisting: 1 },
    ],
    [
      'one of them is gone',
      { candidate: ['a', 'a'], base: ['a a', 'a a'] },
      { candidate: 'red' },
      { gone: 1 },
    ],
    [
      'the failing one of them is gone: nothing is fixed',
      { candidate: ['a', 'a'], base: ['a !a', 'a !a'] },
      { candidate: 'red', turned: false },
      { gone: 1, fixed: 0 },
    ],
    ['one of them is fixed', { candidate: ['a a'], base: ['a !a', 'a !a'] }, { turned: true }, { fixed: 1 }],
    [
      'no report any more: all is gone',
      { candidate: [passed, passed], base: ['a b', 'a b'] },
      { candidate: 'red', violations: 1 },
      { gone: 2 },
    ],
    [
      'nor where it runs out of time',
      { candidate: [slow, slow], base: ['a !b', 'a !b'] },
      { candidate: 'red', violations: 1 },
      { gone: 2 },
    ],
  ])('%s', (_name, runs, item, tests) => {
    const { result, violations } = judge(runs);
    expect(result).toMatchObject({ ...item, tests });
    expect(violations).toHaveLength(result.violations);
  });

  test('violations name test, file and failure, and say of a rename what it is', () => {
    expect(judge({ candidate: ['!a', '!a'], base: ['a b', 'a b'] }).violations).toEqual([
      { rule: 'unit', severity: 'critical', file: 'a.js', message: 'test `a` fails, twice\nboom' },
      { rule: 'unit', severity: 'critical', message: expect.stringMatching(/^test `b` is gone.*renamed/) },
    ]);
    const [skipped] = judge({ candidate: ['?a', '?a'], base: ['a', 'a'] }).violations;
    expect(skipped?.message).toBe('test `a` is skipped; it ran on the base');
  });

  test('without a change of the tree, what fails failed before', () => {
    expect(judge({ candidate: ['a !b'] }, {}, true).result).toMatchObject({
      candidate: 'green',
      turned: false,
      tests: { preExisting: 1 },
    });
    const turned = judge({ candidate: ['a !b'], planBase: ['!a !b', '!a !b'] }, {}, true).result;
    expect(turned).toMatchObject({ candidate: 'green', turned: true, tests: { fixed: 1 } });
  });
});

describe('beside the tests, the exit code', () => {
  const bare = (tests: string) => ran(tests, 3);

  test.each<[string, Parameters<typeof judge>[0], object]>([
    [
      'a bad exit that no test explains is red',
      { candidate: [bare('a'), bare('a')], base: ['a'] },
      { candidate: 'red', violations: 1, note: 'exit code 3' },
    ],
    [
      'gone the second time it is flaky',
      { candidate: [bare('a'), 'a'], base: ['a'] },
      { candidate: 'green' },
    ],
    [
      'red before as well: nobody can tell',
      { candidate: [bare('a')], base: [bare('a')] },
      { candidate: 'undecided' },
    ],
    [
      'red before by a test: nobody can tell either',
      { candidate: [bare('a')], base: ['!a', '!a'] },
      { candidate: 'undecided' },
    ],
    [
      'flaky before: nobody can tell either',
      { candidate: [broke], base: [broke, passed] },
      { candidate: 'undecided', turned: false },
    ],
    [
      'explained by old failures, it blocks nothing',
      { candidate: ['a !b'], base: ['a !b'] },
      { candidate: 'green' },
    ],
    [
      'a base without report and red leaves red open',
      { candidate: ['a !b', 'a !b'], base: [broke] },
      { candidate: 'undecided' },
    ],
    [
      'a base without report and green does not',
      { candidate: ['a !b', 'a !b'], base: [passed] },
      { candidate: 'red' },
    ],
    [
      'a base without report turns by its exit code',
      { candidate: ['a b'], base: [broke, broke] },
      { candidate: 'green', turned: true },
    ],
  ])('%s', (_name, runs, item) => {
    expect(judge(runs).result).toMatchObject(item);
  });

  test('absolute demands a good exit and no failing test, whatever failed before', () => {
    const absolute = (candidate: Runs, base: Runs = ['a !b', 'a !b'], before: Runs = []) =>
      judge({ candidate, base, before }, { compare: 'absolute' });
    expect(absolute(['a !b'])).toMatchObject({
      result: { candidate: 'red' },
      violations: [{ file: 'a.js' }],
    });
    expect(absolute([bare('a b')]).result).toMatchObject({ candidate: 'red', note: 'exit code 3' });
    expect(absolute(['a b']).result).toMatchObject({ candidate: 'green', turned: true });
    expect(absolute(['a']).result).toMatchObject({ candidate: 'green', turned: true });
    expect(absolute(['a !b'], ['a b'], ['a b']).result).toMatchObject({ candidate: 'red' });
    expect(absolute(['a b'], ['!b', '!b'], ['a !b']).result).toMatchObject({
      candidate: 'green',
      turned: false,
    });
  });
});
