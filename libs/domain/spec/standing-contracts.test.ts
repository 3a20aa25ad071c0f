import type { JudgedItem } from './check-standing.js';
import type { CommitFacts, FileFacts } from './facts.js';
import { Folder } from './folder.js';
import type { ChangedPath } from './moved-hits.js';
import {
  breaksContract,
  judgeStandingCheck,
  judgeStandingRule,
  recordedContracts,
  touchedRules,
  withContracts,
  type StandingRule,
} from './standing-contracts.js';
import type { SpecRule, TermSet } from './spec.js';
import type { Verdict } from './verdict.js';

type Names = Readonly<Record<string, readonly string[]>>;

/** One identifier per line; what does not end in `.ts` is source that nothing reads. */
function commit(files: Names): CommitFacts {
  return {
    commit: JSON.stringify(files),
    kinds: ['identifiers', 'api_routes'],
    astLanguages: [],
    files: Folder.of(
      Object.entries(files).map(([path, names]): FileFacts => {
        const identifiers = names.map((value, index) => ({ value, line: index + 1 }));
        return path.endsWith('.ts')
          ? { path, support: 'supported', facts: { identifiers, api_routes: [] } }
          : { path, support: 'unsupported', facts: {} };
      }),
    ),
  };
}

function named(kind: 'identifiers' | 'api_routes', ...texts: string[]): TermSet {
  const terms = texts.map((text) => ({ text, matches: (value: string) => value === text }));
  const none = { identifiers: [], expressions: [], sql_tables: [], api_routes: [] };
  return { terms: { ...none, [kind]: terms }, ast: [], files: [] };
}

function standing(part: Partial<SpecRule>): StandingRule {
  const scope = { include: ['src/**'], exclude: [] };
  const rule: SpecRule = { id: 'r', description: '', severity: 'high', scope, within: 'file', ...part };
  return { name: '2.r', task: 2, title: 'Users', rule, semantics: 'strict' };
}

const judge = (of: StandingRule, before: Names, after: Names, changedFiles: readonly ChangedPath[] = []) =>
  judgeStandingRule(of, { attemptBase: commit(before), candidate: commit(after), changedFiles });
const needed = standing({ require: { ...named('identifiers', 'verifyToken'), min: 1 } });
const banned = standing({ forbid: named('identifiers', 'legacyAuth') });
const PASS: Verdict = { outcome: 'pass', summary: 'ok', violations: [], items: [], blocking: 0 };

describe('a standing rule', () => {
  it('that is green has nothing to say', () => {
    expect(judge(needed, { 'src/a.ts': ['verifyToken'] }, { 'src/a.ts': ['x', 'verifyToken'] })).toBeNull();
  });

  it('is broken by what appears, where it appears', () => {
    const item = judge(banned, { 'src/a.ts': ['x'] }, { 'src/a.ts': ['x', 'legacyAuth'] });
    expect(item).toMatchObject({
      result: { id: 'contract:2.r', candidate: 'red', attemptBase: 'green', turned: false, violations: 1 },
      violations: [{ rule: 'contract:2.r', severity: 'high', file: 'src/a.ts', line: 2 }],
    });
    expect(item?.violations[0]?.message).toMatch(/task 2 "Users" proved it/);
  });

  it.each([
    ['from a file', { 'src/a.ts': ['x'], 'src/b.ts': ['y'] }, [{ path: 'src/a.ts' }], 'src/a.ts'],
    ['with its file, which leaves the scope empty', {}, [{ path: 'src/a.ts' }], 'src/a.ts'],
    [
      'by a rename out of the scope',
      { 'old/a.ts': ['x', 'verifyToken'] },
      [{ path: 'old/a.ts', oldPath: 'src/a.ts' }],
      'old/a.ts',
    ],
  ] as [string, Names, ChangedPath[], string][])(
    'is broken by what goes %s, where it stood',
    (_, after, changed, file) => {
      const item = judge(needed, { 'src/a.ts': ['x', 'verifyToken'] }, after, changed);
      expect(item?.violations).toMatchObject([
        { file, line: 2, term: 'verifyToken', message: expect.stringMatching(/stood here/) },
      ]);
    },
  );

  it('names the file that has to exist and went', () => {
    const file = standing({ require: { ...named('identifiers'), files: ['src/*.ts'], min: 1 } });
    const item = judge(file, { 'src/a.ts': [] }, {}, [{ path: 'src/a.ts' }]);
    expect(item?.violations).toMatchObject([{ file: 'src/a.ts', term: 'src/*.ts' }]);
    expect(item?.violations[0]?.line).toBeUndefined();
  });

  it('that was red before blames nobody', () => {
    const item = judge(banned, { 'src/a.ts': ['legacyAuth'] }, { 'src/a.ts': ['legacyAuth', 'legacyAuth'] });
    expect(item).toMatchObject({
      result: {
        candidate: 'red',
        attemptBase: 'red',
        violations: 0,
        note: expect.stringMatching(/nobody is to blame/),
      },
      violations: [],
    });
    expect(withContracts(PASS, item ? [item] : [])).toMatchObject({ outcome: 'pass', items: [{}] });
  });

  it('that cannot be decided any more is noted and blocks nothing', () => {
    const item = judge(banned, { 'src/a.ts': ['x'] }, { 'src/a.ts': ['x'], 'src/b.rs': [] });
    expect(item).toMatchObject({
      result: { candidate: 'undecided', note: expect.stringMatching(/b\.rs/) },
      violations: [],
    });
    expect(withContracts(PASS, item ? [item] : []).outcome).toBe('pass');
  });
});

test('a rule is touched by a change in its scope, on either side of a rename; one about routes by any', () => {
  const routes = standing({ require: { ...named('api_routes', '/a'), min: 1 } });
  const touched = (...changed: ChangedPath[]) => touchedRules([needed, routes], changed).length;
  expect(touched()).toBe(0);
  expect(touched({ path: 'docs/a.md' })).toBe(1);
  expect(touched({ path: 'docs/a.ts', oldPath: 'src/a.ts' })).toBe(2);
  expect(touched({ path: 'src/a.ts' })).toBe(2);
});

describe('a verdict', () => {
  const broken = judge(banned, { 'src/a.ts': [] }, { 'src/a.ts': ['legacyAuth'] }) as JudgedItem;

  it('of whatever outcome fails for a broken contract, and counts what is wrong with its own too', () => {
    for (const outcome of ['pass', 'satisfied', 'inconclusive', 'fail'] as const) {
      const own = { ...PASS, outcome, blocking: 3 };
      const verdict = withContracts(own, [broken]);
      expect(verdict).toMatchObject({ outcome: 'fail', blocking: outcome === 'fail' ? 4 : 1 });
      expect(verdict.summary).toMatch(/earlier tasks proved: 2\.r\./);
      expect(breaksContract(verdict)).toBe(true);
      expect(withContracts(own, recordedContracts(verdict))).toEqual(verdict);
    }
    expect(breaksContract(PASS)).toBe(false);
    expect(withContracts(PASS, [])).toBe(PASS);
  });

  it('hears of a check only when it is not green', () => {
    const check = { id: '2.unit', run: 'x', timeoutMs: 1, compare: 'baseline' } as const;
    const whose = { name: '2.unit', task: 2, title: 'Users', check };
    const result = { id: '2.unit', kind: 'check', candidate: 'green', turned: false, violations: 0 } as const;
    expect(judgeStandingCheck(whose, { result, violations: [] })).toBeNull();
    const violations = [{ rule: '2.unit', severity: 'critical', message: 'it failed' }] as const;
    const red = { result: { ...result, candidate: 'red', violations: 1 } as const, violations };
    expect(judgeStandingCheck(whose, red)).toMatchObject({
      result: { id: 'contract:2.unit' },
      violations: [{ rule: 'contract:2.unit' }],
    });
  });
});
