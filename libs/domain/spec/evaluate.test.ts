import type { CheckResult } from './check-report.js';
import type { CheckStanding } from './check-standing.js';
import { evaluate, judgeChecks, MAX_VIOLATIONS_PER_RULE, type Evaluation } from './evaluate.js';
import type { CommitFacts, FileFacts } from './facts.js';
import { Folder } from './folder.js';
import type { Requirement, Spec, SpecCheck, SpecRule, TermSet } from './spec.js';
import type { Verdict } from './verdict.js';

type Names = Readonly<Record<string, readonly string[]>>;

/** One identifier per line; the extension says whether it can be read. */
function commit(files: Names, extra: Partial<Record<string, Partial<FileFacts>>> = {}): CommitFacts {
  return {
    commit: JSON.stringify(files),
    kinds: ['identifiers'],
    astLanguages: [],
    files: Folder.of(
      Object.entries(files).map(([path, names]): FileFacts => {
        const other = path.endsWith('.py') ? 'unsupported' : 'not_source';
        const support = path.endsWith('.ts') ? 'supported' : other;
        const identifiers = names.map((value, index) => ({ value, line: index + 1 }));
        return { path, support, facts: support === 'supported' ? { identifiers } : {}, ...extra[path] };
      }),
    ),
  };
}

function terms(identifiers: readonly string[], rest: Partial<TermSet> = {}): TermSet {
  const compiled = identifiers.map((text) => {
    const regex = /^\/(.*)\/$/.exec(text);
    return { text, matches: (v: string) => (regex ? new RegExp(regex[1] ?? '').test(v) : v === text) };
  });
  return {
    terms: { identifiers: compiled, expressions: [], sql_tables: [], api_routes: [] },
    ast: [],
    files: [],
    ...rest,
  };
}

const required = (identifiers: readonly string[], min = 1, rest: Partial<TermSet> = {}): Requirement => ({
  ...terms(identifiers, rest),
  min,
});

function rule(part: Partial<SpecRule>): SpecRule {
  const scope = { include: [], exclude: [] };
  return { id: 'r', description: '', severity: 'medium', scope, within: 'file', ...part };
}

const check: SpecCheck = { id: 'unit', run: 'npm test', timeoutMs: 1_000, compare: 'baseline' };
const passed: CheckResult = { kind: 'passed' };
const broke: CheckResult = { kind: 'failed', exitCode: 1, output: 'boom' };
const missing: CheckResult = { kind: 'not_started', reason: 'sh: npm: not found' };

function spec(rules: readonly SpecRule[], rest: Partial<Spec> = {}): Spec {
  return { semantics: 'strict', name: '', rules, checks: [], pass: { failAt: 'low' }, guard: false, ...rest };
}

function judge(of: Spec, base: CommitFacts, candidate: CommitFacts, rest: Partial<Evaluation> = {}): Verdict {
  return evaluate({
    spec: of,
    candidate,
    attemptBase: base,
    planBase: base,
    checks: [],
    builtInViolations: [],
    changedFiles: [],
    candidateUnchanged: candidate === base,
    ...rest,
  });
}

const noLegacy = rule({ id: 'no-legacy', forbid: terms(['legacyAuth']) });
const usesToken = rule({ id: 'token', require: required(['verifyToken'], 2) });

describe('turning', () => {
  test('red on the base and green on the candidate passes', () => {
    const verdict = judge(
      spec([noLegacy]),
      commit({ 'a.ts': ['legacyAuth'] }),
      commit({ 'a.ts': ['verify'] }),
    );
    expect(verdict).toMatchObject({
      outcome: 'pass',
      items: [{ candidate: 'green', attemptBase: 'red', turned: true }],
    });
  });

  test('green before and after proves nothing, and says so', () => {
    const verdict = judge(spec([noLegacy]), commit({ 'a.ts': ['x'] }), commit({ 'a.ts': ['y'] }));
    expect(verdict.outcome).toBe('inconclusive');
    expect(verdict.summary).toMatch(/proves nothing: everything was green before/);
  });

  test('red on the plan base alone turns as well', () => {
    const verdict = judge(spec([noLegacy]), commit({ 'a.ts': ['x'] }), commit({ 'a.ts': ['y'] }), {
      planBase: commit({ 'a.ts': ['legacyAuth'] }),
    });
    expect(verdict.outcome).toBe('pass');
  });

  test('nothing changed, green here and red on the plan base: an earlier commit satisfied it', () => {
    const base = commit({ 'a.ts': ['x'] });
    const verdict = judge(spec([noLegacy]), base, base, { planBase: commit({ 'a.ts': ['legacyAuth'] }) });
    expect(verdict.outcome).toBe('satisfied');
  });

  test('a guard needs no turn, but cannot judge a candidate that changes nothing', () => {
    const guard = spec([noLegacy], { guard: true });
    const base = commit({ 'a.ts': ['x'] });
    expect(judge(guard, base, commit({ 'a.ts': ['y'] })).outcome).toBe('pass');
    expect(judge(guard, base, commit({ 'a.ts': ['legacyAuth'] })).outcome).toBe('fail');
    expect(judge(guard, base, base).outcome).toBe('inconclusive');
  });

  test('one turned rule carries others that were green all along', () => {
    const other = rule({ id: 'other', forbid: terms(['never']) });
    const verdict = judge(
      spec([noLegacy, other]),
      commit({ 'a.ts': ['legacyAuth'] }),
      commit({ 'a.ts': ['x'] }),
    );
    expect(verdict.outcome).toBe('pass');
  });
});

describe('require', () => {
  test('each term needs its minimum, counted once per line', () => {
    const both = rule({ require: required(['a', 'b'], 2) });
    const base = commit({ 'a.ts': [] });
    expect(judge(spec([both]), base, commit({ 'a.ts': ['a', 'a', 'b', 'b'] })).outcome).toBe('pass');
    const verdict = judge(spec([both]), base, commit({ 'a.ts': ['a', 'a', 'a', 'b'] }));
    expect(verdict.outcome).toBe('fail');
    expect(verdict.violations).toMatchObject([{ term: 'b', message: expect.stringMatching(/found 1/) }]);
    const oneLine = commit(
      { 'a.ts': ['x'] },
      { 'a.ts': { facts: { identifiers: ['a1', 'a2'].map(on(1)) } } },
    );
    expect(judge(spec([rule({ require: required(['/a/'], 2) })]), base, oneLine).outcome).toBe('fail');
  });

  test('an empty scope is red on a base and undecided on the candidate', () => {
    const scoped = rule({ ...usesToken, scope: { include: ['src/auth/**'], exclude: [] } });
    const verdict = judge(spec([scoped]), commit({ 'a.ts': ['x'] }), commit({ 'a.ts': ['x', 'y'] }));
    expect(verdict).toMatchObject({
      outcome: 'inconclusive',
      items: [{ candidate: 'undecided', attemptBase: 'red' }],
    });
    expect(verdict.summary).toMatch(/the scope holds no file/);
  });

  test('greenfield: the file that holds the term is new', () => {
    const verdict = judge(spec([usesToken]), commit({}), commit({ 'a.ts': ['verifyToken', 'verifyToken'] }));
    expect(verdict.outcome).toBe('pass');
  });

  test('files: a missing file is red, a present one green', () => {
    const docs = rule({ require: required([], 1, { files: ['docs/*.md'] }) });
    const base = commit({ 'a.ts': ['x'] });
    expect(judge(spec([docs]), base, commit({ 'a.ts': ['x'], 'docs/auth.md': [] })).outcome).toBe('pass');
    expect(judge(spec([docs]), base, commit({ 'a.ts': ['y'] })).outcome).toBe('fail');
  });
});

describe('forbid', () => {
  const scoped = rule({ ...noLegacy, scope: { include: ['src/**'], exclude: [] } });
  const base = commit({ 'src/a.ts': ['legacyAuth'], 'lib/b.ts': ['legacyAuth'] });

  test('deleting the code is a pass', () => {
    const candidate = commit({ 'lib/b.ts': ['legacyAuth'] });
    expect(judge(spec([scoped]), base, candidate, { changedFiles: [{ path: 'src/a.ts' }] }).outcome).toBe(
      'pass',
    );
  });

  test.each([
    ['renamed', [{ path: 'old/a.ts', oldPath: 'src/a.ts' }]],
    ['deleted and added', [{ path: 'src/a.ts' }, { path: 'old/a.ts' }]],
  ])('moving it out of the scope is not: %s', (_how, changedFiles) => {
    const candidate = commit({ 'old/a.ts': ['legacyAuth'], 'lib/b.ts': ['legacyAuth'] });
    const verdict = judge(spec([scoped]), base, candidate, { changedFiles });
    expect(verdict.outcome).toBe('fail');
    expect(verdict.violations).toMatchObject([{ file: 'old/a.ts', line: 1 }]);
  });

  test('a changed file outside that keeps the hits it had brings no new one', () => {
    const candidate = commit({ 'lib/b.ts': ['legacyAuth', 'more'] });
    const changedFiles = [{ path: 'src/a.ts' }, { path: 'lib/b.ts' }];
    expect(judge(spec([scoped]), base, candidate, { changedFiles }).outcome).toBe('pass');
    const renamed = commit({ 'lib/c.ts': ['legacyAuth'] });
    const rename = [{ path: 'src/a.ts' }, { path: 'lib/c.ts', oldPath: 'lib/b.ts' }];
    expect(judge(spec([scoped]), base, renamed, { changedFiles: rename }).outcome).toBe('pass');
  });

  test('a scope that never held anything is undecided: the glob is wrong', () => {
    const typo = rule({ ...noLegacy, scope: { include: ['scr/**'], exclude: [] } });
    expect(
      judge(spec([typo, usesToken]), base, commit({ 'a.ts': ['verifyToken', 'verifyToken'] })),
    ).toMatchObject({
      outcome: 'inconclusive',
      items: [{ candidate: 'undecided' }, { candidate: 'green', turned: true }],
    });
  });

  test('lists at most 50 violations and says how many there are', () => {
    const many = commit({ 'a.ts': Array.from({ length: 120 }, () => 'legacyAuth') });
    const verdict = judge(spec([noLegacy]), many, many);
    expect(verdict.violations).toHaveLength(MAX_VIOLATIONS_PER_RULE);
    expect(verdict.items[0]?.violations).toBe(120);
    expect(verdict.violations.map((violation) => violation.line).slice(0, 3)).toEqual([1, 2, 3]);
  });
});

describe('when', () => {
  const near = (within: SpecRule['within']) =>
    rule({ when: terms(['sign']), require: required(['SECRET']), within });
  const split = commit({ 'a.ts': ['sign'], 'b.ts': ['SECRET'] });
  const together = commit({ 'a.ts': ['sign', 'SECRET'], 'b.ts': ['other'] });

  test('within file, every file with a hit needs the rest', () => {
    expect(judge(spec([near('file')]), split, together).outcome).toBe('pass');
    const verdict = judge(spec([near('file')]), together, split);
    expect(verdict.violations).toMatchObject([{ file: 'a.ts', line: 1, term: 'SECRET' }]);
  });

  test('within scope, one place is enough', () => {
    const before = commit({ 'a.ts': ['sign'] });
    expect(judge(spec([near('scope')]), before, split).outcome).toBe('pass');
  });

  test('forbid holds only where the condition does', () => {
    const apart = rule({ when: terms(['sign']), forbid: terms(['SECRET']) });
    expect(judge(spec([apart]), together, split).outcome).toBe('pass');
    expect(judge(spec([apart]), split, together).outcome).toBe('fail');
  });

  test('where the scope holds nothing, or an unread file may hold the condition, it is open', () => {
    expect(judge(spec([near('file')]), split, commit({})).items).toMatchObject([{ candidate: 'undecided' }]);
    const everything = { ...near('file'), scope: { include: ['**'], exclude: [] } };
    const mixed = { 'b.py': [], 'a.ts': ['other'] };
    expect(judge(spec([everything]), split, commit(mixed)).items).toMatchObject([{ candidate: 'undecided' }]);
    const met = { ...everything, within: 'scope' as const };
    const both = commit({ ...mixed, 'a.ts': ['sign', 'SECRET'] });
    expect(judge(spec([met]), split, both).items).toMatchObject([{ candidate: 'green' }]);
  });

  test('within function is undecided where nobody knows the functions', () => {
    const verdict = judge(spec([near('function')]), split, together);
    expect(verdict).toMatchObject({
      outcome: 'inconclusive',
      summary: expect.stringMatching(/where functions begin and end in a\.ts is not known/),
    });
  });
});

describe('what cannot be seen', () => {
  const base = commit({ 'a.ts': ['legacyAuth'], 'a.py': [] });
  const candidate = commit({ 'a.ts': ['x'], 'a.py': [] });

  test('a kind that this build does not have is undecided, never green', () => {
    const later = terms([]);
    const sql = {
      ...later,
      terms: { ...later.terms, sql_tables: [{ text: 'orders', matches: () => true }] },
    };
    for (const forbid of [sql, { ...later, ast: [{ language: 'TypeScript', pattern: 'eval($X)' }] }]) {
      const verdict = judge(spec([noLegacy, rule({ id: 'later', forbid })]), base, candidate);
      expect(verdict).toMatchObject({
        outcome: 'inconclusive',
        items: [{ turned: true }, { candidate: 'undecided' }],
      });
      expect(verdict.summary).toMatch(/not supported by this build/);
    }
  });

  test('an include that reaches another language leaves absence open', () => {
    const scope = { include: ['**'], exclude: [] };
    const verdict = judge(spec([rule({ ...noLegacy, scope })]), base, candidate);
    expect(verdict).toMatchObject({ outcome: 'inconclusive', summary: expect.stringMatching(/a\.py/) });
    const narrowed = { include: ['**'], exclude: ['**/*.py'] };
    expect(judge(spec([rule({ ...noLegacy, scope: narrowed })]), base, candidate).outcome).toBe('pass');
    // What is there is decidable all the same.
    expect(judge(spec([rule({ ...noLegacy, scope })]), candidate, base).outcome).toBe('fail');
  });

  test('an include of that language alone is undecided on both sides', () => {
    for (const part of [{ forbid: terms(['x']) }, { require: required(['x']) }]) {
      const python = rule({ ...part, scope: { include: ['**/*.py'], exclude: [] } });
      expect(judge(spec([python]), base, candidate).items).toMatchObject([
        { candidate: 'undecided', attemptBase: 'undecided', turned: false },
      ]);
    }
  });

  test('without an include the file is only named', () => {
    const verdict = judge(spec([noLegacy]), base, candidate);
    expect(verdict).toMatchObject({
      outcome: 'pass',
      items: [{ note: expect.stringMatching(/not looked at: a\.py/) }],
    });
  });

  test('a file that could not be read leaves absence open', () => {
    const huge = commit(
      { 'a.ts': ['x'], 'b.ts': [] },
      { 'b.ts': { facts: {}, unread: 'larger than 10 bytes' } },
    );
    expect(judge(spec([noLegacy]), base, huge).outcome).toBe('inconclusive');
  });
});

describe('severity', () => {
  const low = rule({ ...noLegacy, severity: 'low' });
  const base = commit({ 'a.ts': ['legacyAuth'] });
  const atHigh = { pass: { failAt: 'high' as const } };

  test('below fail_at, red does not fail what turned otherwise', () => {
    const candidate = commit({ 'a.ts': ['legacyAuth', 'verifyToken', 'verifyToken'] });
    const verdict = judge(spec([low, { ...usesToken, severity: 'high' }], atHigh), base, candidate);
    expect(verdict).toMatchObject({ outcome: 'pass', items: [{ candidate: 'red' }, { turned: true }] });
    expect(judge(spec([low, { ...usesToken, severity: 'high' }]), base, candidate).outcome).toBe('fail');
  });

  test('nothing turned and something below fail_at is red: an agent can mend that', () => {
    expect(judge(spec([low], atHigh), base, commit({ 'a.ts': ['legacyAuth', 'x'] })).outcome).toBe('fail');
  });

  test('red goes before undecided, and a protected path before everything', () => {
    const open = rule({
      id: 'open',
      require: required(['x']),
      scope: { include: ['nowhere/**'], exclude: [] },
    });
    expect(judge(spec([noLegacy, open]), base, commit({ 'a.ts': ['legacyAuth'] })).outcome).toBe('fail');
    const touched = [
      { rule: 'protected-path', severity: 'critical' as const, message: 'no', file: 'jest.config.js' },
    ];
    const verdict = judge(spec([noLegacy]), base, commit({ 'a.ts': ['x'] }), {
      builtInViolations: touched,
    });
    expect(verdict).toMatchObject({ outcome: 'fail', violations: touched, items: [{ turned: true }] });
  });
});

describe('checks', () => {
  const facts = commit({ 'a.ts': ['x'] });
  const changed = commit({ 'a.ts': ['y'] });
  const run = (standing: Omit<CheckStanding, 'id'>, part: Partial<SpecCheck> = {}, same = false) => {
    const judged = spec([], { checks: [{ ...check, ...part }] });
    const checks = judgeChecks(judged, [{ id: 'unit', ...standing }], same);
    return judge(judged, facts, same ? facts : changed, { checks });
  };

  test.each([
    ['red base, green candidate', { candidate: [passed], attemptBase: [broke, broke] }, 'pass'],
    [
      'red plan base, green candidate',
      { candidate: [passed], attemptBase: [passed], planBase: [broke, broke] },
      'pass',
    ],
    ['green on both', { candidate: [passed], attemptBase: [passed] }, 'inconclusive'],
    ['a new failure', { candidate: [broke, broke], attemptBase: [passed] }, 'fail'],
    [
      'a flaky failure blocks nothing and turns nothing',
      { candidate: [broke, passed], attemptBase: [passed] },
      'inconclusive',
    ],
    ['a flaky base turns nothing', { candidate: [passed], attemptBase: [broke, passed] }, 'inconclusive'],
    ['red on both, by exit code only', { candidate: [broke], attemptBase: [broke] }, 'inconclusive'],
    ['could not start', { candidate: [missing] }, 'inconclusive'],
    ['red, base could not start', { candidate: [broke], attemptBase: [missing] }, 'inconclusive'],
    ['green, base could not start', { candidate: [passed], attemptBase: [missing] }, 'inconclusive'],
    ['timed out', { candidate: [timeout(), timeout()], attemptBase: [passed] }, 'fail'],
    ['never run', { candidate: [] }, 'inconclusive'],
  ])('%s', (_name, standing, outcome) => {
    expect(run(standing).outcome).toBe(outcome);
  });

  test('absolute demands exit 0, whatever the base', () => {
    expect(run({ candidate: [broke] }, { compare: 'absolute' })).toMatchObject({
      outcome: 'fail',
      violations: [
        { rule: 'unit', severity: 'critical', message: expect.stringMatching(/exit code 1\nboom/) },
      ],
    });
  });
  test('without a change, only the plan base can have been red', () => {
    expect(run({ candidate: [passed], attemptBase: [broke, broke] }, {}, true).outcome).toBe('inconclusive');
    expect(run({ candidate: [passed], planBase: [broke, broke] }, {}, true).outcome).toBe('satisfied');
    expect(run({ candidate: [broke] }, {}, true).summary).toMatch(/was red before/);
  });
});
function on(line: number) {
  return (value: string) => ({ value, line });
}

function timeout(): CheckResult {
  return { kind: 'timed_out', output: '' };
}
