import fc from 'fast-check';
import { judgeCheck, type CheckResult, type CheckStanding } from '#domain/spec/check-standing.js';
import { recordedStandings } from './recorded-checks.js';

const output = fc.constantFrom('', 'one line', 'two\nlines: it could not start', 'x'.repeat(5_000));
const failed = fc.record({
  kind: fc.constant('failed' as const),
  exitCode: fc.integer({ min: 1, max: 255 }),
  output,
});
const result: fc.Arbitrary<CheckResult> = fc.oneof(
  fc.constant({ kind: 'passed' as const }),
  failed,
  fc.record({ kind: fc.constant('timed_out' as const), output }),
  fc.record({ kind: fc.constant('output_limit' as const), output }),
  fc.record({
    kind: fc.constant('limit_exceeded' as const),
    limit: fc.constant('more memory than 1 GB'),
    output,
  }),
  fc.record({ kind: fc.constant('not_started' as const), reason: fc.constantFrom('no sh', 'a: b') }),
);
const runs = fc.array(result, { minLength: 1, maxLength: 2 });
const standing: fc.Arbitrary<CheckStanding> = fc.record(
  { id: fc.constant('unit'), candidate: runs, attemptBase: runs, planBase: runs },
  { requiredKeys: ['id', 'candidate'] },
);

it('a check that is judged by what its verdict tells is judged the same', () => {
  const compare = fc.constantFrom('baseline' as const, 'absolute' as const);
  fc.assert(
    fc.property(standing, compare, fc.boolean(), (standings, how, unchanged) => {
      const check = { id: 'unit', run: 'npm test', timeoutMs: 1_000, compare: how };
      const { result: item, violations } = judgeCheck(check, standings, unchanged);
      const [again] = recordedStandings({ items: [item], violations });
      const { note: _words, ...judged } = judgeCheck(check, again, unchanged).result;
      const { note: _same, ...recorded } = item;
      expect(judged).toEqual(recorded);
    }),
    { numRuns: 2_000 },
  );
});
