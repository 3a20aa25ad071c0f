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
