import fc from 'fast-check';
import { evaluate, type Evaluation } from './evaluate.js';
import type { CommitFacts, FactSource, FileFacts, FunctionRange, SourcedFact } from './facts.js';
import { Folder } from './folder.js';
import { scopeMatcher } from './rule-outline.js';
import {
  astKey,
  TERM_KINDS,
  WITHIN,
  type AstTerm,
  type Semantics,
  type Spec,
  type SpecRule,
  type TermKind,
  type TermSet,
} from './spec.js';
import { SEVERITIES, type Verdict } from './verdict.js';

const WORDS = ['a', 'b', 'c'];
const AST: readonly AstTerm[] = [
  { language: 'TypeScript', pattern: 'a($X)' },
  { language: 'TypeScript', pattern: 'b($X)' },
  { language: 'Python', pattern: 'a($X)' },
];
const word = fc.constantFrom(...WORDS);
const glob = fc.constantFrom('src/**', 'lib/**', '**/*.ts', '**/*.py', 'none/**', '**');
const someWords = fc.uniqueArray(word, { maxLength: 2 });

const termSet = fc
  .record({
    words: fc.record({
      identifiers: someWords,
      expressions: someWords,
      sql_tables: someWords,
      api_routes: someWords,
    }),
    ast: fc.uniqueArray(fc.constantFrom(...AST), { maxLength: 2 }),
  })
  // One or two kinds at a time: a rule that names them all is hardly ever green.
  .chain(({ words, ast }) =>
    fc
      .uniqueArray(fc.constantFrom(...TERM_KINDS, 'ast' as const), { minLength: 1, maxLength: 2 })
      .map((kinds) => {
        const of = (kind: TermKind) =>
          kinds.includes(kind)
            ? words[kind].map((text) => ({ text, matches: (value: string) => value === text }))
            : [];
        return {
          terms: {
            identifiers: of('identifiers'),
            expressions: of('expressions'),
            sql_tables: of('sql_tables'),
            api_routes: of('api_routes'),
          },
          ast: kinds.includes('ast') ? ast : [],
          files: [],
        } satisfies TermSet;
      }),
  )
  .filter((set) => set.ast.length > 0 || TERM_KINDS.some((kind) => set.terms[kind].length > 0));

const rule = fc
  .record({
    severity: fc.constantFrom(...SEVERITIES),
    include: fc.array(glob, { maxLength: 2 }),
    exclude: fc.array(glob, { maxLength: 1 }),
    when: fc.option(termSet, { nil: undefined, freq: 2 }),
    require: fc.option(fc.tuple(termSet, fc.integer({ min: 1, max: 3 })), { nil: undefined }),
    forbid: fc.option(termSet, { nil: undefined }),
    within: fc.constantFrom(...WITHIN),
  })
  .filter((part) => part.require !== undefined || part.forbid !== undefined);

const specOf = (semantics: Semantics) =>
  fc
    .record({
      rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
      failAt: fc.constantFrom(...SEVERITIES),
      guard: fc.boolean(),
    })
    .map(({ rules, failAt, guard }): Spec => ({
      semantics,
      name: '',
      rules: rules.map(({ include, exclude, when, require, forbid, ...rest }, index): SpecRule => ({
        id: `r${index}`,
        description: '',
        ...rest,
        scope: { include, exclude },
        ...(when && semantics === 'strict' && { when }),
        ...(require && { require: { ...require[0], min: require[1] } }),
        ...(forbid && { forbid }),
      })),
      checks: [],
      pass: { failAt: semantics === 'auditor' ? 'low' : failAt },
      guard: guard && semantics === 'strict',
    }));
const spec = specOf('strict');

const SOURCE_OF: Readonly<Record<TermKind, readonly FactSource[]>> = {
  identifiers: ['symbol', 'callee'],
  expressions: ['argument'],
  sql_tables: ['sql_table'],
  api_routes: ['route'],
};
const fact = fc.record({
  kind: fc.constantFrom(...TERM_KINDS),
  value: word,
  line: fc.integer({ min: 1, max: 8 }),
});
const range = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 4 }))
  .map(([startLine, length]): FunctionRange => ({ name: 'f', startLine, endLine: startLine + length }));

const commit = fc
  .uniqueArray(
    fc.record({
      path: fc.constantFrom('src/a.ts', 'src/b.ts', 'lib/c.ts', 'lib/d.py', 'lib/e.rb', 'README.md'),
      found: fc.array(fact, { maxLength: 8 }),
      ast: fc.array(fc.tuple(fc.constantFrom(...AST), fc.integer({ min: 1, max: 8 })), { maxLength: 3 }),
      functions: fc.array(range, { maxLength: 3 }),
    }),
    { selector: (file) => file.path, maxLength: 5 },
  )
  .map((files): CommitFacts => ({
    commit: JSON.stringify(files),
    kinds: TERM_KINDS,
    astLanguages: ['TypeScript', 'Python'],
    files: Folder.of(
      files.map(({ path, found, ast, functions }): FileFacts => {
        if (path.endsWith('.rb')) return { path, support: 'unsupported', facts: {} };
        if (path.endsWith('.md')) return { path, support: 'not_source', facts: {} };
        const language = path.endsWith('.ts') ? 'TypeScript' : 'Python';
        const of = (kind: TermKind) => found.filter((each) => each.kind === kind);
        const lines = (term: AstTerm) => ast.filter(([each]) => each === term).map(([, line]) => line);
        const spoken = AST.filter((term) => term.language === language);
        return {
          path,
          support: 'supported',
          facts: Object.fromEntries(TERM_KINDS.map((kind) => [kind, of(kind)])),
          functions,
          ast: Object.fromEntries(spoken.map((term) => [astKey(term), lines(term)])),
          sourced: found.flatMap(({ kind, value, line }): SourcedFact[] =>
            SOURCE_OF[kind].map((source) => ({ value, line, source })),
          ),
        };
      }),
    ),
  }));

function input(
  of: Spec,
  planBase: CommitFacts,
  attemptBase: CommitFacts,
  candidate: CommitFacts,
): Evaluation {
  const listed = [attemptBase, candidate].flatMap(({ files }) => files.list());
  const paths = [...new Set(listed.map((file) => file.path))];
  const textOf = (facts: CommitFacts, path: string) => JSON.stringify(facts.files.at(path));
  const changedFiles = paths.filter((path) => textOf(attemptBase, path) !== textOf(candidate, path));
  return {
    spec: of,
    candidate,
    attemptBase,
    planBase,
    checks: [],
    builtInViolations: [],
    changedFiles: changedFiles.map((path) => ({ path })),
    candidateUnchanged: changedFiles.length === 0,
  };
}

const runs = { numRuns: 1_500 };

test('a candidate identical to its bases never passes, guard or not', () => {
  fc.assert(
    fc.property(spec, commit, (of, same) => {
      expect(['fail', 'inconclusive']).toContain(evaluate(input(of, same, same, same)).outcome);
    }),
    runs,
  );
});

test('a candidate identical to its attempt base at best is satisfied', () => {
  let satisfied = 0;
  fc.assert(
    fc.property(spec, commit, commit, (of, planBase, same) => {
      const { outcome } = evaluate(input(of, planBase, same, same));
      if (outcome === 'satisfied') satisfied += 1;
      expect(outcome).not.toBe('pass');
    }),
    runs,
  );
  expect(satisfied).toBeGreaterThan(0);
});

test('no require is green where its kinds have no facts', () => {
  const requiring = spec.filter((of) =>
    of.rules.some((each) => each.require !== undefined && each.when === undefined),
  );
  const bare = commit.map((facts): CommitFacts => ({
    ...facts,
    files: Folder.of(
      facts.files.list().map(({ path, support }) => ({ path, support, facts: {}, functions: [] })),
    ),
  }));
  fc.assert(
    fc.property(requiring, commit, bare, (of, base, nothing) => {
      const { items } = evaluate(input(of, base, base, nothing));
      of.rules.forEach((each, index) => {
        if (each.require !== undefined && each.when === undefined)
          expect(items[index]?.candidate).not.toBe('green');
      });
    }),
    runs,
  );
});

test('a pass has nothing red or open that counts, and something that turned or a guard', () => {
  let passes = 0;
  fc.assert(
    fc.property(spec, commit, commit, commit, (of, planBase, attemptBase, candidate) => {
      const verdict = evaluate(input(of, planBase, attemptBase, candidate));
      if (verdict.outcome !== 'pass') return;
      passes += 1;
      const limit = SEVERITIES.indexOf(of.pass.failAt);
      verdict.items.forEach((item, index) => {
        const counts = SEVERITIES.indexOf(of.rules[index]?.severity ?? 'critical') <= limit;
        if (counts) expect(item.candidate).toBe('green');
      });
      expect(of.guard || verdict.items.some((item) => item.turned)).toBe(true);
    }),
    runs,
  );
  expect(passes).toBeGreaterThan(20);
});

test('a forbid with nothing left in its scope is green only after hits, and without new ones anywhere', () => {
  let emptied = 0;
  const plain = spec.map((of) => ({
    ...of,
    rules: of.rules.map(({ when: _when, require: _require, ...rest }) => rest).filter((each) => each.forbid),
  }));
  fc.assert(
    fc.property(plain, commit, commit, commit, (of, planBase, attemptBase, candidate) => {
      const { items } = evaluate(input(of, planBase, attemptBase, candidate));
      of.rules.forEach((each, index) => {
        const inScope = scopeMatcher(each);
        const kinds = kindsOf(each);
        const left = candidate.files
          .list()
          .some((file) => inScope(file.path) && kinds.some((k) => holds(file, k)));
        if (left || items[index]?.candidate !== 'green') return;
        emptied += 1;
        const onBases = [planBase, attemptBase].flatMap(({ files }) => files.list());
        expect(onBases.some((file) => inScope(file.path) && countHits(each, file) > 0)).toBe(true);
        for (const file of candidate.files.list()) {
          const before = attemptBase.files.at(file.path);
          if (JSON.stringify(before) === JSON.stringify(file)) continue;
          expect(countHits(each, file)).toBeLessThanOrEqual(before ? countHits(each, before) : 0);
        }
      });
    }),
    { numRuns: 6_000 },
  );
  expect(emptied).toBeGreaterThan(10);
});

test.each(['strict', 'auditor'] as const)(
  'the order of rules, files and facts does not matter: %s',
  (semantics) => {
    fc.assert(
      fc.property(specOf(semantics), commit, commit, commit, (of, planBase, attemptBase, candidate) => {
        const straight = evaluate(input(of, planBase, attemptBase, candidate));
        const turned = { ...of, rules: [...of.rules].reverse() };
        const flipped = evaluate(input(turned, flip(planBase), flip(attemptBase), flip(candidate)));
        expect(sorted(flipped)).toEqual(sorted(straight));
      }),
      runs,
    );
  },
);

test('auditor semantics pass exactly when a naive count of hits is 0', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(specOf('auditor'), commit, commit, (of, base, candidate) => {
      const verdict = evaluate(input(of, base, base, candidate));
      const counts = of.rules.map((each) => ({
        violations: naiveHits(each, each.forbid, candidate),
        expected: naiveHits(each, each.require, candidate),
      }));
      expect(
        verdict.items.map(({ violations, audit }) => ({ violations, expected: audit?.expected })),
      ).toEqual(
        counts.map(({ violations, expected }) => ({ violations: violations.size, expected: expected.size })),
      );
      counts.forEach(({ violations, expected }, index) => {
        const files = (hits: ReadonlySet<string>) => new Set([...hits].map((hit) => hit.split('|')[0]));
        const missing = [...files(violations)].filter((file) => !files(expected).has(file)).sort();
        expect(verdict.items[index]?.audit).toMatchObject({
          status: violations.size > 0 ? 'needs_migration' : 'clean',
          missingExpectationFiles: missing,
        });
      });
      const clean = counts.every(({ violations }) => violations.size === 0);
      expect(['pass', 'satisfied'].includes(verdict.outcome)).toBe(clean);
      seen.add(verdict.outcome);
    }),
    runs,
  );
  expect([...seen].sort()).toEqual(['fail', 'pass']);
});

/** Written without any of the evaluator's code, but for scopes. */
function naiveHits(rule: SpecRule, side: TermSet | undefined, facts: CommitFacts): Set<string> {
  const hits = new Set<string>();
  const inScope = scopeMatcher(rule);
  for (const file of facts.files.list()) {
    for (const { value, line, source } of inScope(file.path) ? (file.sourced ?? []) : []) {
      const kind = TERM_KINDS.find((each) => SOURCE_OF[each].includes(source));
      const asked = kind === undefined ? [] : (side?.terms[kind] ?? []).map((term) => term.text);
      if (source === 'route') asked.push(...(side?.terms.expressions ?? []).map((term) => term.text));
      if (asked.includes(value)) hits.add(`${file.path}|${line}|${source}|${value}`);
    }
  }
  return hits;
}

function kindsOf({ forbid }: SpecRule): string[] {
  const languages = (forbid?.ast ?? []).map((term) => `ast ${term.language}`);
  return [...TERM_KINDS.filter((kind) => (forbid?.terms[kind] ?? []).length > 0), ...languages];
}

function holds(file: FileFacts, kind: string): boolean {
  if (kind === 'ast TypeScript') return file.path.endsWith('.ts');
  if (kind === 'ast Python') return file.path.endsWith('.py');
  return (file.facts[kind as TermKind] ?? []).length > 0;
}

function countHits({ forbid }: SpecRule, file: FileFacts): number {
  const named = TERM_KINDS.flatMap((kind) =>
    (forbid?.terms[kind] ?? []).map(
      ({ text }) =>
        new Set((file.facts[kind] ?? []).filter(({ value }) => value === text).map(({ line }) => line)).size,
    ),
  );
  const ast = (forbid?.ast ?? []).map((term) => new Set(file.ast?.[astKey(term)]).size);
  return [...named, ...ast].reduce((sum, count) => sum + count, 0);
}

function flip(facts: CommitFacts): CommitFacts {
  const files = facts.files.list().map((file): FileFacts => ({
    ...file,
    facts: Object.fromEntries(
      Object.entries(file.facts).map(([kind, found]) => [kind, [...found].reverse()]),
    ),
    ...(file.functions && { functions: [...file.functions].reverse() }),
    ...(file.sourced && { sourced: [...file.sourced].reverse() }),
    ...(file.ast && {
      ast: Object.fromEntries(Object.entries(file.ast).map(([key, lines]) => [key, [...lines].reverse()])),
    }),
  }));
  return { ...facts, files: Folder.of(files.reverse()) };
}

function sorted({ outcome, items, violations }: Verdict) {
  const key = (value: unknown) => JSON.stringify(value);
  return { outcome, items: items.map(key).sort(), violations: violations.map(key).sort() };
}
