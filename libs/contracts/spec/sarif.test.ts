import fc from 'fast-check';
import { z } from 'zod';
import { SEVERITIES, VERDICT_OUTCOMES } from '#domain/spec/verdict.js';
import type { VerdictView } from '../api/plans.js';
import { toSarif } from './sarif.js';

const subject = { task: '12.3', title: 'Away with it', commit: 'c'.repeat(40), unverified: false };

const VERDICT: VerdictView = {
  outcome: 'fail',
  summary: 'Red on the candidate: no-legacy, unit.',
  violations: [
    { rule: 'protected-path', severity: 'critical', message: 'may not be touched', file: 'ci.yml' },
    { rule: 'no-legacy', severity: 'medium', message: 'legacyAuth is used', file: 'src/a b#1.ts', line: 3 },
    { rule: 'low', severity: 'low', message: 'somewhere' },
  ],
  items: [
    { id: 'no-legacy', kind: 'rule', candidate: 'red', planBase: 'red', turned: false, violations: 1 },
    { id: 'low', kind: 'rule', candidate: 'red', turned: false, violations: 1 },
    { id: 'unit', kind: 'check', candidate: 'red', turned: false, note: 'it exits with 1', violations: 0 },
    {
      id: 'odd',
      kind: 'rule',
      candidate: 'undecided',
      turned: false,
      note: 'nobody reads COBOL',
      violations: 0,
    },
    { id: 'fine', kind: 'rule', candidate: 'green', turned: true, violations: 0 },
  ],
};

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly kind?: string;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations?: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string };
      readonly region?: object;
    };
  }[];
}
interface Log {
  readonly version: string;
  readonly $schema: string;
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] };
    };
    readonly results: readonly Result[];
    readonly properties: object;
  }[];
}

function run(verdict: VerdictView) {
  const log = JSON.parse(JSON.stringify(toSarif(verdict, subject))) as Log;
  expect(log.version).toBe('2.1.0');
  expect(log.runs).toHaveLength(1);
  const [only] = log.runs;
  if (only === undefined) throw new Error('no run');
  return only;
}

it('has what the schema requires of every run, rule and result', () => {
  const { tool, results } = run(VERDICT);
  expect(tool.driver.name).toBe('Planwright');
  const ids = tool.driver.rules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { ruleId, ruleIndex, message, level, kind } of results) {
    expect(ids[ruleIndex]).toBe(ruleId);
    expect(message.text).not.toBe('');
    expect(['none', 'note', 'warning', 'error']).toContain(level);
    // A level other than none is for failures alone.
    expect(kind === undefined || level === 'none').toBe(true);
  }
});

it('puts a violation at its place, relative to the repository, by its severity', () => {
  const { results } = run(VERDICT);
  expect(results.find(({ ruleId }) => ruleId === 'no-legacy')).toMatchObject({
    level: 'warning',
    locations: [
      { physicalLocation: { artifactLocation: { uri: 'src/a%20b%231.ts' }, region: { startLine: 3 } } },
    ],
  });
  const whole = results.find(({ ruleId }) => ruleId === 'protected-path');
  expect(whole).toMatchObject({ level: 'error' });
  expect(whole?.locations?.[0]?.physicalLocation).not.toHaveProperty('region');
  expect(results.find(({ ruleId }) => ruleId === 'low')).toMatchObject({ level: 'note' });
  expect(results.find(({ ruleId }) => ruleId === 'low')).not.toHaveProperty('locations');
});

it('leaves nothing out that is not green', () => {
  const { results, properties } = run(VERDICT);
  expect(results.find(({ ruleId }) => ruleId === 'unit')).toMatchObject({
    level: 'error',
    message: { text: 'it exits with 1' },
  });
  expect(results.find(({ ruleId }) => ruleId === 'odd')).toMatchObject({ kind: 'open', level: 'none' });
  expect(results.map(({ ruleId }) => ruleId)).not.toContain('fine');
  expect(properties).toMatchObject({ outcome: 'fail', task: '12.3', unverified: false });
});

it('of a pass has rules and no results', () => {
  const { tool, results } = run({
    ...VERDICT,
    outcome: 'pass',
    violations: [],
    items: VERDICT.items.slice(4),
  });
  expect(results).toEqual([]);
  expect(tool.driver.rules).toMatchObject([{ id: 'fine', properties: { candidate: 'green', turned: true } }]);
});

/**
 * The objects of SARIF 2.1.0 that a report is made of, with what the standard's schema says of the members in use: its
 * objects are closed, but for property bags.
 */
const uriReference = z
  .string()
  .regex(/^(?:[\w.~!$&'()*+,;=@-]|%[0-9A-F]{2})*(?:\/(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-F]{2})*)*$/);
const message = z.strictObject({ text: z.string() });
const bag = z.looseObject({ tags: z.array(z.string()).optional() });
const sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string(),
          rules: z.array(
            z.strictObject({ id: z.string(), shortDescription: message, properties: bag.optional() }),
          ),
        }),
      }),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      properties: bag,
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(-1),
          kind: z.enum(['notApplicable', 'pass', 'fail', 'review', 'open', 'informational']).optional(),
          level: z.enum(['none', 'note', 'warning', 'error']),
          message,
          locations: z
            .array(
              z.strictObject({
                physicalLocation: z.strictObject({
                  artifactLocation: z.strictObject({ uri: uriReference, uriBaseId: z.string() }),
                  region: z.strictObject({ startLine: z.int().min(1) }).optional(),
                }),
              }),
            )
            .optional(),
          properties: bag.optional(),
        }),
      ),
    }),
  ),
});

const colour = fc.constantFrom('green' as const, 'red' as const, 'undecided' as const);
const words = fc.string({ maxLength: 12, unit: 'binary' });
const ruleId = fc.oneof(fc.constantFrom('a', 'b', 'protected-path', 'contract:2.a'), words);
const verdicts: fc.Arbitrary<VerdictView> = fc.record({
  outcome: fc.constantFrom(...VERDICT_OUTCOMES),
  summary: words,
  violations: fc.array(
    fc.record(
      {
        rule: ruleId,
        severity: fc.constantFrom(...SEVERITIES),
        message: words,
        file: fc.oneof(words, fc.constantFrom('a:b.ts', 'src/\ud800.ts', './x', 'a//b')),
        line: fc.nat(5),
        term: words,
      },
      { requiredKeys: ['rule', 'severity', 'message'] },
    ),
    { maxLength: 5 },
  ),
  items: fc.uniqueArray(
    fc.record(
      {
        id: ruleId,
        kind: fc.constantFrom('rule' as const, 'check' as const),
        candidate: colour,
        attemptBase: colour,
        planBase: colour,
        turned: fc.boolean(),
        note: words,
        violations: fc.nat(3),
      },
      { requiredKeys: ['id', 'kind', 'candidate', 'turned', 'violations'] },
    ),
    { selector: ({ id }) => id, maxLength: 5 },
  ),
});

it('is of the standard, whatever the verdict', () => {
  fc.assert(
    fc.property(verdicts, (verdict) => {
      const log: unknown = JSON.parse(JSON.stringify(toSarif(verdict, subject)));
      expect(sarif.safeParse(log).error?.issues ?? []).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

it('puts what is of no line, such as a file that may not be there, at the whole file', () => {
  const violation = {
    rule: 'contract:2.gone',
    severity: 'high',
    message: 'is back',
    file: 'old.ts',
    line: 0,
  } as const;
  const { results } = run({ ...VERDICT, violations: [violation] });
  expect(results[0]?.locations?.[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: 'old.ts', uriBaseId: '%SRCROOT%' },
  });
});
