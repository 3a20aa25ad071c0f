import fc from 'fast-check';
import { broke, check, passed, ran, runsOf, slow, type Runs } from '#testing/check-runs.js';
import { nextRun, type RunPlace } from './check-next-run.js';
import type { CheckResult } from './check-report.js';
import { judgeCheck, type CheckStanding } from './check-standing.js';
import type { SpecCheck } from './spec.js';

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
