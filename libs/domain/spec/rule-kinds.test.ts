import { evaluate, type Evaluation } from './evaluate.js';
import type { CommitFacts, FileFacts, FunctionRange } from './facts.js';
import { Folder } from './folder.js';
import { astKey, TERM_KINDS, type AstTerm, type SpecRule, type TermKind, type TermSet } from './spec.js';

const EVAL: AstTerm = { language: 'TypeScript', pattern: 'eval($X)' };
const SAFE: AstTerm = { language: 'TypeScript', pattern: 'safeEval($X)' };
const PYTHON: AstTerm = { language: 'Python', pattern: 'eval($X)' };
const RUBY: AstTerm = { language: 'Ruby', pattern: 'eval($X)' };

type Written = Partial<Record<TermKind, readonly string[]>> & { readonly ast?: readonly AstTerm[] };

function terms({ ast = [], ...written }: Written): TermSet {
  const of = (kind: TermKind) =>
    (written[kind] ?? []).map((text) => ({ text, matches: (value: string) => value === text }));
  const byKind = Object.fromEntries(TERM_KINDS.map((kind) => [kind, of(kind)]));
  return { terms: byKind as unknown as TermSet['terms'], ast, files: [] };
}

interface WrittenRule {
  readonly when?: Written;
  readonly require?: Written;
  readonly forbid?: Written;
  readonly within?: SpecRule['within'];
  readonly include?: readonly string[];
}

function rule({ when, require, forbid, within = 'file', include = [] }: WrittenRule): SpecRule {
  return {
    id: 'r',
    description: '',
    severity: 'high',
    scope: { include, exclude: [] },
    within,
    ...(when && { when: terms(when) }),
    ...(require && { require: { ...terms(require), min: 1 } }),
    ...(forbid && { forbid: terms(forbid) }),
  };
}

/** Lines of a kind as `line: values`; ast terms as the lines of each. */
interface WrittenFile {
  readonly facts?: Partial<Record<TermKind, Readonly<Record<number, readonly string[]>>>>;
  readonly ast?: readonly (readonly [AstTerm, readonly number[]])[];
  readonly functions?: readonly (readonly [number, number])[];
}

function commit(files: Readonly<Record<string, WrittenFile>>): CommitFacts {
  return {
    commit: JSON.stringify(files),
    kinds: TERM_KINDS,
    astLanguages: ['TypeScript', 'Python'],
    files: Folder.of(Object.entries(files).map(([path, file]) => read(path, file))),
  };
}

function read(path: string, file: WrittenFile): FileFacts {
  if (path.endsWith('.rb')) return { path, support: 'unsupported', facts: {} };
  const facts = Object.fromEntries(
    Object.entries(file.facts ?? {}).map(([kind, lines]) => [
      kind,
      Object.entries(lines).flatMap(([line, values]) =>
        values.map((value) => ({ value, line: Number(line) })),
      ),
    ]),
  );
  const functions = file.functions?.map(([startLine, endLine]): FunctionRange => ({
    name: 'f',
    startLine,
    endLine,
  }));
  const ast = file.ast && Object.fromEntries(file.ast.map(([term, lines]) => [astKey(term), lines]));
  return { path, support: 'supported', facts, ...(functions && { functions }), ...(ast && { ast }) };
}

function judge(of: SpecRule, base: CommitFacts, candidate: CommitFacts, rest: Partial<Evaluation> = {}) {
  return evaluate({
    spec: { semantics: 'strict', name: '', rules: [of], checks: [], pass: { failAt: 'low' }, guard: false },
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

describe('every kind of term is judged alike', () => {
  test.each(TERM_KINDS)('%s: forbidden, required, and with nothing in scope', (kind) => {
    const old = commit({ 'a.ts': { facts: { [kind]: { 1: ['old'], 2: ['kept'] } } } });
    const done = commit({ 'a.ts': { facts: { [kind]: { 1: ['new'], 2: ['kept'] } } } });
    const empty = commit({ 'a.ts': { facts: { [kind]: {} } } });
    expect(judge(rule({ forbid: { [kind]: ['old'] } }), old, done).outcome).toBe('pass');
    expect(judge(rule({ forbid: { [kind]: ['old'] } }), done, old)).toMatchObject({
      outcome: 'fail',
      violations: [{ file: 'a.ts', line: 1, term: 'old' }],
    });
    expect(judge(rule({ require: { [kind]: ['new'] } }), old, done).outcome).toBe('pass');
    expect(judge(rule({ require: { [kind]: ['new'] } }), empty, old).outcome).toBe('fail');
    expect(judge(rule({ require: { [kind]: ['new'] } }), old, empty)).toMatchObject({
      outcome: 'inconclusive',
      items: [{ attemptBase: 'red', candidate: 'undecided', note: expect.stringContaining(kind) }],
    });
    expect(judge(rule({ forbid: { [kind]: ['old'] } }), old, empty).outcome).toBe('pass');
    expect(judge(rule({ forbid: { [kind]: ['x'] } }), empty, empty).outcome).toBe('inconclusive');
  });

  test('kinds meet in one rule: where an expression occurs, a route must not', () => {
    const apart = rule({ when: { expressions: ['jwt.sign'] }, forbid: { api_routes: ['GET /debug'] } });
    const both = { expressions: { 3: ['jwt.sign'] }, api_routes: { 9: ['GET /debug'] } };
    const base = commit({ 'a.ts': { facts: both } });
    expect(judge(apart, base, base).violations).toMatchObject([{ line: 9 }]);
    const split = commit({
      'a.ts': { facts: { expressions: both.expressions } },
      'b.ts': { facts: { api_routes: both.api_routes } },
    });
    expect(judge(apart, base, split).outcome).toBe('pass');
  });
});

describe('ast', () => {
  const noEval = rule({ forbid: { ast: [EVAL] } });
  const bad = commit({ 'a.ts': { ast: [[EVAL, [3, 3, 8]]] }, 'b.py': { ast: [[PYTHON, [1]]] } });
  const good = commit({ 'a.ts': { ast: [[EVAL, []]] }, 'b.py': { ast: [[PYTHON, [1]]] } });

  test('lines of files of its language are hits, each once', () => {
    expect(judge(noEval, bad, bad)).toMatchObject({
      outcome: 'fail',
      violations: [
        { file: 'a.ts', line: 3, term: 'eval($X)' },
        { file: 'a.ts', line: 8 },
      ],
    });
    expect(judge(noEval, bad, good).outcome).toBe('pass');
  });

  test('files of another language, read or not, do not concern it', () => {
    const explicit = rule({ forbid: { ast: [EVAL] }, include: ['**'] });
    const more = commit({ 'a.ts': { ast: [[EVAL, []]] }, 'c.rb': {}, 'd.py': { ast: [[PYTHON, [1]]] } });
    expect(judge(explicit, bad, more).outcome).toBe('pass');
  });

  test('a language that this build does not parse is undecided', () => {
    const verdict = judge(rule({ forbid: { ast: [RUBY] } }), bad, good);
    expect(verdict).toMatchObject({ outcome: 'inconclusive', items: [{ attemptBase: 'undecided' }] });
    expect(verdict.summary).toMatch(/ast in Ruby: not supported by this build/);
  });

  test('a require without a file of its language is undecided on the candidate', () => {
    const safe = rule({ require: { ast: [SAFE] } });
    const onlyPython = commit({ 'b.py': { ast: [] } });
    expect(judge(safe, onlyPython, onlyPython)).toMatchObject({
      items: [
        { attemptBase: 'red', candidate: 'undecided', note: expect.stringContaining('ast in TypeScript') },
      ],
    });
    expect(judge(safe, onlyPython, commit({ 'a.ts': { ast: [[SAFE, [1]]] } })).outcome).toBe('pass');
    expect(judge(safe, onlyPython, commit({ 'a.ts': { ast: [[SAFE, []]] } })).outcome).toBe('fail');
  });

  test('as a condition, and as a demand that asks nothing of another language', () => {
    const guarded = rule({ when: { ast: [EVAL] }, require: { identifiers: ['audited'] } });
    const audited = {
      ...commit({ 'a.ts': { ast: [[EVAL, [3]]], facts: { identifiers: { 1: ['audited'] } } } }),
    };
    expect(judge(guarded, bad, audited).outcome).toBe('pass');
    expect(judge(guarded, audited, bad).violations).toMatchObject([
      { file: 'a.ts', line: 3, term: 'audited' },
    ]);

    const typed = rule({ when: { identifiers: ['entry'] }, require: { ast: [SAFE] } });
    const entry = { identifiers: { 1: ['entry'] } };
    const mixed = (lines: number[]) =>
      commit({ 'a.ts': { ast: [[SAFE, lines]], facts: entry }, 'b.py': { ast: [], facts: entry } });
    expect(judge(typed, mixed([]), mixed([2])).outcome).toBe('pass');
    expect(judge(typed, mixed([2]), mixed([])).violations).toMatchObject([{ file: 'a.ts' }]);
  });
});

describe('within: function', () => {
  const signs = rule({
    when: { expressions: ['jwt.sign'] },
    require: { expressions: ['SECRET'] },
    within: 'function',
  });
  const at = (signLines: number[], secretLines: number[], functions: WrittenFile['functions']) => {
    const lines: Record<number, string[]> = {};
    for (const line of signLines) (lines[line] ??= []).push('jwt.sign');
    for (const line of secretLines) (lines[line] ??= []).push('SECRET');
    return commit({ 'a.ts': { facts: { expressions: lines }, ...(functions && { functions }) } });
  };
  const base = at([2], [], [[1, 4]]);

  test.each<[string, number[], number[], [number, number][], string]>([
    ['in the same function', [2], [3], [[1, 4]], 'pass'],
    [
      'in another function',
      [2],
      [7],
      [
        [1, 4],
        [6, 9],
      ],
      'fail',
    ],
    ['on its first and last line', [1, 4], [4], [[1, 4]], 'pass'],
    [
      'in each of two functions',
      [2, 7],
      [3, 8],
      [
        [1, 4],
        [6, 9],
      ],
      'pass',
    ],
    [
      'in one of two functions',
      [2, 7],
      [3],
      [
        [1, 4],
        [6, 9],
      ],
      'fail',
    ],
    [
      'outside of the innermost function',
      [4],
      [2],
      [
        [1, 9],
        [3, 5],
      ],
      'fail',
    ],
    [
      'inside of the innermost function',
      [4],
      [5],
      [
        [1, 9],
        [3, 5],
      ],
      'pass',
    ],
    [
      'inside of a function of the function',
      [2],
      [4],
      [
        [1, 9],
        [3, 5],
      ],
      'pass',
    ],
    ['both at the top level', [1], [10], [[3, 5]], 'pass'],
    ['at the top level, the rest in a function', [1], [4], [[3, 5]], 'fail'],
  ])('%s', (_name, signLines, secretLines, functions, outcome) => {
    expect(judge(signs, base, at(signLines, secretLines, functions)).outcome).toBe(outcome);
  });

  test('a violation names the first hit in each function', () => {
    const { violations } = judge(
      signs,
      base,
      at(
        [2, 3, 7],
        [],
        [
          [1, 4],
          [6, 9],
        ],
      ),
    );
    expect(violations.map(({ line }) => line)).toEqual([2, 7]);
  });

  test('forbid looks at the lines of the function alone', () => {
    const apart = rule({
      when: { expressions: ['jwt.sign'] },
      forbid: { expressions: ['SECRET'] },
      within: 'function',
    });
    expect(
      judge(
        apart,
        at([2], [3], [[1, 4]]),
        at(
          [2],
          [7],
          [
            [1, 4],
            [6, 9],
          ],
        ),
      ).outcome,
    ).toBe('pass');
    // What lies in a nested function is one violation, though two functions cover it.
    expect(
      judge(
        apart,
        base,
        at(
          [2, 4],
          [5],
          [
            [1, 9],
            [3, 6],
          ],
        ),
      ).violations,
    ).toHaveLength(1);
  });

  test('where functions are not known, it is undecided', () => {
    expect(judge(signs, base, at([2], [3], undefined)).outcome).toBe('inconclusive');
  });
});

describe('what was only moved', () => {
  const inSrc = rule({ forbid: { identifiers: ['old'] }, include: ['src/**'] });
  const anywhere = rule({ forbid: { identifiers: ['old'] } });
  const old = { facts: { identifiers: { 1: ['old'] } } };
  const other = { facts: { identifiers: { 1: ['other'] } } };
  const base = commit({ 'src/a.ts': old, 'src/b.ts': other });

  test('a file renamed out of a scope that still holds others is named', () => {
    const candidate = commit({ 'lib/a.ts': old, 'src/b.ts': other });
    const verdict = judge(inSrc, base, candidate, {
      changedFiles: [{ path: 'lib/a.ts', oldPath: 'src/a.ts' }],
    });
    expect(verdict).toMatchObject({
      outcome: 'pass',
      items: [{ note: expect.stringContaining('lib/a.ts') }],
    });
  });

  test('a file renamed into a language that nobody reads leaves it open', () => {
    const candidate = commit({ 'src/a.rb': {}, 'src/b.ts': other });
    const changedFiles = [{ path: 'src/a.rb', oldPath: 'src/a.ts' }];
    expect(judge(anywhere, base, candidate, { changedFiles })).toMatchObject({
      outcome: 'inconclusive',
      summary: expect.stringContaining('src/a.rb'),
    });
    // A file that held nothing may become what it likes.
    const kept = commit({ 'src/a.ts': other, 'src/b.rb': {} });
    const harmless = [{ path: 'src/a.ts' }, { path: 'src/b.rb', oldPath: 'src/b.ts' }];
    expect(judge(anywhere, base, kept, { changedFiles: harmless }).outcome).toBe('pass');
  });

  test('so does one renamed to where no ast term of the rule looks', () => {
    const noEval = rule({ forbid: { ast: [EVAL] } });
    const before = commit({ 'a.ts': { ast: [[EVAL, [1]]] }, 'b.ts': { ast: [[EVAL, []]] } });
    const after = commit({ 'a.js': {}, 'b.ts': { ast: [[EVAL, []]] } });
    const changedFiles = [{ path: 'a.js', oldPath: 'a.ts' }];
    expect(judge(noEval, before, after, { changedFiles }).outcome).toBe('inconclusive');
  });

  test('an ast hit in a changed file outside of an emptied scope is a new hit', () => {
    const noEval = rule({ forbid: { ast: [EVAL] }, include: ['src/**'] });
    const before = commit({ 'src/a.ts': { ast: [[EVAL, [1]]] } });
    const after = commit({ 'lib/a.ts': { ast: [[EVAL, [1]]] } });
    const changedFiles = [{ path: 'src/a.ts' }, { path: 'lib/a.ts' }];
    expect(judge(noEval, before, after, { changedFiles }).violations).toMatchObject([
      { file: 'lib/a.ts', line: 1 },
    ]);
  });
});
