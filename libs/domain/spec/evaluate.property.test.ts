import fc from 'fast-check';
import { evaluate, type Evaluation } from './evaluate.js';
import type { CommitFacts, FileFacts } from './facts.js';
import type { Spec, SpecRule, TermSet } from './spec.js';
import { SEVERITIES, type Verdict } from './verdict.js';

const word = fc.constantFrom('a', 'b', 'c');
const words = fc.uniqueArray(word, { maxLength: 3 });
const glob = fc.constantFrom('src/**', 'lib/**', '**/*.ts', '**/*.py', 'none/**', '**');

const termSet = fc
  .record({ names: fc.uniqueArray(word, { minLength: 1, maxLength: 2 }) })
  .map(({ names }): TermSet => ({
    terms: {
      identifiers: names.map((text) => ({ text, matches: (value) => value === text })),
      expressions: [],
      sql_tables: [],
      api_routes: [],
    },
    ast: [],
    files: [],
  }));

const rule = fc
  .record({
    severity: fc.constantFrom(...SEVERITIES),
    include: fc.array(glob, { maxLength: 2 }),
    exclude: fc.array(glob, { maxLength: 1 }),
    when: fc.option(termSet, { nil: undefined }),
    require: fc.option(fc.tuple(termSet, fc.integer({ min: 1, max: 3 })), { nil: undefined }),
    forbid: fc.option(termSet, { nil: undefined }),
    within: fc.constantFrom('file' as const, 'scope' as const, 'function' as const),
  })
  .filter((part) => part.require !== undefined || part.forbid !== undefined);

const spec = fc
  .record({
    rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
    failAt: fc.constantFrom(...SEVERITIES),
    guard: fc.boolean(),
  })
  .map(({ rules, failAt, guard }): Spec => ({
    name: '',
    rules: rules.map(({ include, exclude, when, require, forbid, ...rest }, index): SpecRule => ({
      id: `r${index}`,
      description: '',
      ...rest,
      scope: { include, exclude },
      ...(when && { when }),
      ...(require && { require: { ...require[0], min: require[1] } }),
      ...(forbid && { forbid }),
    })),
    checks: [],
    pass: { failAt },
    guard,
  }));

const commit = fc
  .uniqueArray(
    fc.record({
      path: fc.constantFrom('src/a.ts', 'src/b.ts', 'lib/c.ts', 'lib/d.py', 'README.md'),
      names: fc.array(fc.tuple(words, fc.integer({ min: 1, max: 5 })), { maxLength: 4 }),
    }),
    { selector: (file) => file.path, maxLength: 5 },
  )
  .map((files): CommitFacts => ({
    commit: JSON.stringify(files),
    kinds: ['identifiers'],
    files: files.map(({ path, names }): FileFacts => {
      if (path.endsWith('.py')) return { path, support: 'unsupported', facts: {} };
      if (path.endsWith('.md')) return { path, support: 'not_source', facts: {} };
      const facts = new Map(
        names.flatMap(([ws, line]) => ws.map((value) => [`${value}:${line}`, { value, line }])),
      );
      return { path, support: 'supported', facts: { identifiers: [...facts.values()] } };
    }),
  }));

function input(
  of: Spec,
  planBase: CommitFacts,
  attemptBase: CommitFacts,
  candidate: CommitFacts,
): Evaluation {
  const paths = [...new Set([...attemptBase.files, ...candidate.files].map((file) => file.path))];
  const textOf = (facts: CommitFacts, path: string) =>
    JSON.stringify(facts.files.find((file) => file.path === path));
  const changedFiles = paths.filter((path) => textOf(attemptBase, path) !== textOf(candidate, path));
  return {
    spec: of,
    candidate,
    attemptBase,
    planBase,
    checks: [],
    protectedPathViolations: [],
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

test('no require is green where there are no facts', () => {
  const requiring = spec.filter((of) =>
    of.rules.some((each) => each.require !== undefined && each.when === undefined),
  );
  fc.assert(
    fc.property(requiring, commit, (of, base) => {
      const nothing: CommitFacts = { commit: 'empty', kinds: ['identifiers'], files: [] };
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

test('the order of rules, files and facts does not matter', () => {
  fc.assert(
    fc.property(spec, commit, commit, commit, (of, planBase, attemptBase, candidate) => {
      const straight = evaluate(input(of, planBase, attemptBase, candidate));
      const flipped = evaluate(
        input({ ...of, rules: [...of.rules].reverse() }, flip(planBase), flip(attemptBase), flip(candidate)),
      );
      expect(sorted(flipped)).toEqual(sorted(straight));
    }),
    runs,
  );
});

function flip(facts: CommitFacts): CommitFacts {
  const files = facts.files.map((file) => {
    const { identifiers } = file.facts;
    return identifiers === undefined ? file : { ...file, facts: { identifiers: [...identifiers].reverse() } };
  });
  return { ...facts, files: files.reverse() };
}

function sorted({ outcome, items, violations }: Verdict) {
  const key = (value: unknown) => JSON.stringify(value);
  return { outcome, items: items.map(key).sort(), violations: violations.map(key).sort() };
}
