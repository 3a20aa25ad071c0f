import fc from 'fast-check';
import { nextRun, type RunPlace } from './check-next-run.js';
import type { CheckResult, TestResult } from './check-report.js';
import { judgeCheck, type CheckStanding } from './check-standing.js';
import type { SpecCheck } from './spec.js';

const check: SpecCheck = { id: 'unit', run: 'npm test', timeoutMs: 1_000, compare: 'baseline' };

/** A run that reports tests: `a` passes, `!a` fails, `?a` is skipped. */
function ran(written: string, exitCode?: number): CheckResult {
  const tests = written.split(' ').flatMap((word): TestResult[] => {
    if (word === '') return [];
    if (word.startsWith('!'))
      return [{ name: word.slice(1), outcome: 'failed', message: 'boom', file: 'a.js' }];
    if (word.startsWith('?')) return [{ name: word.slice(1), outcome: 'skipped' }];
    return [{ name: word, outcome: 'passed' }];
  });
  const failed = exitCode ?? (tests.some(({ outcome }) => outcome === 'failed') ? 1 : 0);
  return failed === 0
    ? { kind: 'passed', tests }
    : { kind: 'failed', exitCode: failed, output: 'tail', tests };
}

const passed: CheckResult = { kind: 'passed' };
const broke: CheckResult = { kind: 'failed', exitCode: 1, output: 'tail' };
const slow: CheckResult = { kind: 'timed_out', output: '' };

type Runs = readonly (string | CheckResult)[];
const runsOf = (runs: Runs): CheckResult[] => runs.map((run) => (typeof run === 'string' ? ran(run) : run));

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
      'flaky before, it blocks nothing',
      { candidate: [broke], base: [broke, passed] },
      { candidate: 'green', turned: false },
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

describe('what runs next', () => {
  /** Follows the rule until it is content. @returns where it ran, in order, and the verdict */
  function follow(
    worlds: Readonly<Record<RunPlace, (run: number) => CheckResult>>,
    known = { unchanged: false, turned: false, sameBase: true },
    part: Partial<SpecCheck> = {},
    prior: Partial<CheckStanding> = {},
  ) {
    const order: RunPlace[] = [];
    let standing: CheckStanding = { id: 'unit', candidate: [], ...prior };
    const whole = { ...check, ...part };
    for (let next = nextRun(whole, standing, known); next !== null; next = nextRun(whole, standing, known)) {
      order.push(next);
      const runs = standing[next] ?? [];
      standing = { ...standing, [next]: [...runs, worlds[next](runs.length)] };
      if (order.length > 12) throw new Error(`no end: ${order.join()}`);
    }
    return { order, result: judgeCheck(whole, standing, known.unchanged).result };
  }
  const world = (candidate: Runs, attemptBase: Runs, planBase: Runs = attemptBase) => {
    const from = (runs: Runs) => (run: number) => runsOf(runs)[Math.min(run, runs.length - 1)] as CheckResult;
    return { candidate: from(candidate), attemptBase: from(attemptBase), planBase: from(planBase) };
  };
  const turned = { unchanged: false, turned: true, sameBase: true };

  test.each<[string, ReturnType<typeof world>, typeof turned, string, string]>([
    ['green by exit code, where something turned', world([passed], [passed]), turned, 'candidate', 'green'],
    ['green with tests needs its base', world(['a'], ['a']), turned, 'candidate attemptBase', 'green'],
    ['a new failure runs again', world(['!a'], ['a']), turned, 'candidate attemptBase candidate', 'red'],
    [
      'so does what is gone, and its base',
      world(['a'], ['a b']),
      turned,
      'candidate attemptBase attemptBase candidate',
      'red',
    ],
    ['an old failure does not', world(['!a'], ['!a']), turned, 'candidate attemptBase', 'green'],
    [
      'a red base runs twice before it turns',
      world(['a'], ['!a']),
      { ...turned, turned: false },
      'candidate attemptBase attemptBase',
      'green',
    ],
    [
      'a base that fails what still fails does not',
      world(['a !b'], ['a !b']),
      { ...turned, turned: false },
      'candidate attemptBase',
      'green',
    ],
    [
      'the base of the plan comes last',
      world(['a'], ['a'], ['!a']),
      { ...turned, turned: false, sameBase: false },
      'candidate attemptBase planBase planBase',
      'green',
    ],
    [
      'one that cannot start runs once',
      world([{ kind: 'not_started', reason: 'x' }], ['a']),
      turned,
      'candidate',
      'undecided',
    ],
  ])('%s', (_name, worlds, known, order, colour) => {
    const { order: ranOn, result } = follow(worlds, known);
    expect(ranOn.join(' ')).toBe(order);
    expect(result.candidate).toBe(colour);
  });

  const outcome = fc.constantFrom('', '!', '?', '-');
  const names = ['a', 'b', 'c'];
  const suite = fc
    .array(outcome, { minLength: 3, maxLength: 3 })
    .map((outcomes) =>
      names.flatMap((name, at) => (outcomes[at] === '-' ? [] : [`${outcomes[at] ?? ''}${name}`])).join(' '),
    );
  const result = fc.oneof(
    { weight: 6, arbitrary: suite.map((text) => ran(text)) },
    fc.constantFrom<CheckResult>(passed, broke, slow),
  );
  const worldOf = fc.record({ candidate: result, attemptBase: result, planBase: result });
  const knowns = fc.record({ unchanged: fc.boolean(), turned: fc.boolean(), sameBase: fc.boolean() });

  test('a check that always says the same runs at most twice on each, and earlier runs on its tree change nothing', () => {
    const compares = fc.constantFrom('baseline' as const, 'absolute' as const);
    fc.assert(
      fc.property(worldOf, knowns, compares, (same, known, compare) => {
        const attemptBase = known.unchanged ? same.candidate : same.attemptBase;
        const planBase = known.sameBase ? attemptBase : same.planBase;
        const worlds = {
          candidate: () => same.candidate,
          attemptBase: () => attemptBase,
          planBase: () => planBase,
        };
        const fresh = follow(worlds, known, { compare });
        for (const place of ['candidate', 'attemptBase', 'planBase'])
          expect(fresh.order.filter((each) => each === place).length).toBeLessThanOrEqual(2);
        const before = { candidateBefore: [same.candidate, same.candidate] };
        expect(follow(worlds, known, { compare }, before)).toEqual(fresh);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a candidate that is the same as its base never fails by a test, and one that fails more never passes by it', () => {
    fc.assert(
      fc.property(suite, suite, (base, candidate) => {
        const [before, after] = [ran(base), ran(candidate)];
        const worlds = { candidate: () => after, attemptBase: () => before, planBase: () => before };
        const { result: same } = follow({ ...worlds, candidate: () => before }, turned);
        expect(same.candidate).toBe('green');
        const { result: judged } = follow(worlds, turned);
        const of = (run: CheckResult, name: string) =>
          ('tests' in run ? run.tests : [])?.find((test) => test.name === name)?.outcome;
        const worse = names.some((name) => {
          const [was, is] = [of(before, name), of(after, name)];
          const had = was === 'passed' || was === 'failed';
          return (is === 'failed' && was !== 'failed') || (had && is !== 'passed' && is !== 'failed');
        });
        expect(judged.candidate).toBe(worse ? 'red' : 'green');
      }),
      { numRuns: 2_000 },
    );
  });
});
