import { evaluate } from '#domain/spec/evaluate.js';
import type { CommitFacts, FactSource, SourcedFact } from '#domain/spec/facts.js';
import { Folder } from '#domain/spec/folder.js';
import { scopeMatcher } from '#domain/spec/rule-outline.js';
import { parseSpec } from './parse-spec.js';

const AUDITOR = 'refactor_name: tokens\ncompat: auditor\nrules:\n  - id: r\n    description: d\n';
const STRICT = AUDITOR.replace('compat: auditor\n', '');

function accepted(text: string) {
  const parsed = parseSpec(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.spec;
}

function errors(text: string) {
  const parsed = parseSpec(text);
  return parsed.ok ? [] : parsed.errors;
}

function commit(files: Readonly<Record<string, readonly SourcedFact[]>>): CommitFacts {
  return {
    commit: JSON.stringify(files),
    kinds: [],
    astLanguages: [],
    files: Folder.of(
      Object.entries(files).map(([path, sourced]) => ({
        path,
        support: 'supported',
        facts: {},
        sourced,
      })),
    ),
  };
}

const at = (line: number, source: FactSource, value: string): SourcedFact => ({ line, source, value });

/** What the rules are counted on. */
const FACTS = commit({
  'a.ts': [
    at(1, 'symbol', 'CognitoIdentityClient'),
    at(3, 'route', '/api/users'),
    at(5, 'symbol', 'cartItem.product_id'),
    at(5, 'argument', 'cartItem.product_id'),
    at(7, 'symbol', 'jwt.sign'),
    at(7, 'callee', 'jwt.sign'),
    at(7, 'argument', 'process.env.JWT_SECRET'),
    at(7, 'symbol', 'process.env.JWT_SECRET'),
  ],
});

function judge(text: string, candidate = FACTS, base = candidate) {
  return evaluate({
    spec: accepted(text),
    candidate,
    attemptBase: base,
    planBase: base,
    checks: [],
    builtInViolations: [],
    changedFiles: [],
    candidateUnchanged: candidate === base,
  });
}

describe('compat: auditor counts to the letter', () => {
  test.each([
    ['a route with a leading slash', 'match: { api_routes: [/api/users] }', 0, 0],
    ['a route without it', 'match: { api_routes: [api/users] }', 1, 0],
    ['a route as a regex', 'match: { api_routes: [//api/users/] }', 1, 0],
    ['a part of a dotted name', 'match: { identifiers: [product_id] }', 1, 0],
    ['the same term in two kinds', 'match: { identifiers: [product_id], expressions: [product_id] }', 2, 0],
    ['a broken regex', 'match: { identifiers: ["/(/"] }', 0, 0],
    ['a bracket at the end', 'match: { identifiers: ["CognitoIdentityClient("] }', 0, 0],
    [
      'match and expect',
      'match: { identifiers: [jwt.sign] }\n    expect: { identifiers: [process.env.JWT_SECRET] }',
      2,
      1,
    ],
    [
      'the same term in both',
      'match: { identifiers: [CognitoIdentityClient] }\n    expect: { identifiers: [CognitoIdentityClient] }',
      1,
      1,
    ],
    ['nothing to match, nothing as expected', 'expect: { identifiers: [absent] }', 0, 0],
    // Beyond the reference's own table.
    ['requires is expect', 'requires: { strings: [process.env.JWT_SECRET] }', 0, 1],
    ['any case', 'match: { identifiers: [COGNITOIDENTITYCLIENT, "/cognito/"] }', 1, 0],
    ['half a word', 'match: { identifiers: [Cognito] }', 0, 0],
    ['a regex is found anywhere', 'match: { identifiers: [/Cognito/] }', 1, 0],
    ['two slashes are no regex', 'match: { api_routes: ["//"] }', 0, 0],
    [
      'routes are expressions, too, but one hit',
      'match: { expressions: [users], api_routes: [users] }',
      1,
      0,
    ],
    ['a severity decides nothing', 'severity: LOW\n    match: { identifiers: [product_id] }', 1, 0],
    ['neither side', 'category: x', 0, 0],
  ])('%s', (_name, rule, violations, expected) => {
    const verdict = judge(`${AUDITOR}    ${rule}\n`);
    expect(verdict).toMatchObject({
      outcome: violations === 0 ? 'pass' : 'fail',
      items: [{ violations, audit: { expected, status: violations === 0 ? 'clean' : 'needs_migration' } }],
      blocking: violations,
    });
  });

  test('the first term that matches has the hit', () => {
    const { violations } = judge(`${AUDITOR}    match: { identifiers: [sign, jwt.sign, jwt] }\n`);
    expect(violations.map(({ term, line }) => [term, line])).toEqual([
      ['sign', 7],
      ['sign', 7],
    ]);
  });

  test('letters of any script make words', () => {
    const facts = commit({
      'a.ts': [at(1, 'symbol', 'café'), at(2, 'symbol', 'cafés'), at(3, 'symbol', 'le café!')],
    });
    const { violations } = judge(`${AUDITOR}    match: { identifiers: [café] }\n`, facts);
    expect(violations.map(({ line }) => line)).toEqual([1, 3]);
  });

  test('excludes go first, then includes, and a star crosses slashes', () => {
    const [rule] = accepted(
      `${AUDITOR}    scope: { include: ["src/*.ts"], exclude: ["*.test.ts"] }\n    match: { identifiers: [x] }\n`,
    ).rules;
    const inScope = rule && scopeMatcher(rule);
    expect(['src/a.ts', 'src/deep/a.ts', 'src/a.test.ts', 'lib/a.ts'].map((path) => inScope?.(path))).toEqual(
      [true, true, false, false],
    );
  });

  test('files with a violation and without an expected hit are named', () => {
    const facts = commit({
      'b.ts': [at(1, 'callee', 'sign')],
      'a.ts': [at(1, 'callee', 'sign')],
      'c.ts': [at(1, 'callee', 'sign'), at(2, 'argument', 'SECRET')],
    });
    const { items } = judge(
      `${AUDITOR}    match: { identifiers: [sign] }\n    expect: { expressions: [SECRET] }\n`,
      facts,
    );
    expect(items[0]?.audit?.missingExpectationFiles).toEqual(['a.ts', 'b.ts']);
  });

  test('nothing matched passes, and does not pretend that anything turned', () => {
    const text = `${AUDITOR}    match: { identifiers: [legacy] }\n`;
    const clean = commit({ 'a.ts': [] });
    expect(judge(text, clean)).toMatchObject({ outcome: 'pass', items: [{ turned: false }] });
    expect(judge(text, clean, commit({ 'a.ts': [at(1, 'symbol', 'legacy')] }))).toMatchObject({
      outcome: 'pass',
      items: [{ turned: true, attemptBase: 'red' }],
      summary: expect.stringContaining('turned from red to green: r'),
    });
  });

  test('what this build did not count is not taken for clean', () => {
    const uncounted: CommitFacts = {
      ...FACTS,
      files: Folder.of([{ path: 'a.ts', support: 'supported', facts: {} }]),
    };
    expect(judge(`${AUDITOR}    match: { identifiers: [x] }\n`, uncounted).outcome).toBe('inconclusive');
  });

  test('a touched protected path fails all the same', () => {
    const violation = {
      rule: 'protected-path',
      severity: 'critical' as const,
      message: 'no',
      file: '.npmrc',
    };
    const verdict = evaluate({
      spec: accepted(`${AUDITOR}    match: { identifiers: [absent] }\n`),
      candidate: FACTS,
      attemptBase: FACTS,
      planBase: FACTS,
      checks: [],
      builtInViolations: [violation],
      changedFiles: [],
      candidateUnchanged: false,
    });
    expect(verdict.outcome).toBe('fail');
  });

  test('a regex that backtracks catastrophically elsewhere is linear here', () => {
    const long = commit({ 'a.ts': [at(1, 'symbol', `${'a'.repeat(20_000)}!`)] });
    const started = performance.now();
    expect(judge(`${AUDITOR}    match: { identifiers: [/^(a+)+$/] }\n`, long).outcome).toBe('pass');
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('translated to strict', () => {
  test('match is forbidden, expect or requires is required', () => {
    const text = `${STRICT}    guidance: use tokens
    severity: HIGH
    scope: { include: ["src/*.ts"] }
    match: { identifiers: [legacyAuth, /Session/, jwt.sign], api_routes: [api/users, //v1/users/], sql_tables: [orders] }
    requires: { strings: [process.env.JWT_SECRET] }
`;
    const { semantics, name, rules } = accepted(text);
    expect({ semantics, name, rules }).toMatchObject({
      semantics: 'strict',
      name: 'tokens',
      rules: [
        {
          id: 'r',
          description: 'd\nuse tokens',
          severity: 'high',
          scope: { include: ['src/*.ts'], exclude: [], syntax: 'fnmatch' },
          forbid: {
            terms: {
              identifiers: [{ text: 'legacyAuth' }, { text: '/Session/i' }],
              expressions: [{ text: 'jwt.sign' }],
              api_routes: [{ text: '/api/users' }, { text: '/(?:/v1/users)/i' }],
              sql_tables: [{ text: 'orders' }],
            },
          },
          require: { min: 1, terms: { expressions: [{ text: 'process.env.JWT_SECRET' }] } },
        },
      ],
    });
    const [rule] = rules;
    expect(rule?.forbid?.terms.api_routes[1]?.matches('GET /v1/users/:id')).toBe(true);
    expect(rule && scopeMatcher(rule)('src/deep/a.ts')).toBe(true);
  });

  test.each(['context_name: x', 'refactor_name: x', 'profile: x', 'profile: x\ncompat: strict'])(
    '%s is a profile',
    (head) => {
      const text = `${head}\nversion: 2\nmetadata: { any: [thing] }\nrules:\n  - { id: a b, description: d, match: { identifiers: [x] } }\n`;
      expect(accepted(text)).toMatchObject({
        semantics: 'strict',
        name: 'x',
        rules: [{ id: 'a b', severity: 'medium' }],
      });
    },
  );
});

test.each([
  ['no rules', 'profile: x\nrules: []\n', 2, 8, /at least one rule/],
  ['no key for rules', 'profile: x\nrulez: []\n', 1, 1, /'rules' is missing/],
  ['an empty name', 'profile: ""\nrules: []\n', 1, 10, /must not be empty/],
  ['two names', `profile: y\n${AUDITOR}`, 1, 1, /one name/],
  ['no description', 'profile: x\nrules:\n  - id: a\n', 3, 5, /'description' is missing/],
  ['no id', 'profile: x\nrules:\n  - description: a\n', 3, 5, /'id' is missing/],
  ['a bad severity', `${AUDITOR}    severity: hihg\n`, 6, 15, /critical, high, medium or low/],
  ['an unknown key', `${AUDITOR}    mtach: {}\n`, 6, 5, /did you mean 'match'/],
  ['an unknown kind', `${AUDITOR}    match: { sql_table: [a] }\n`, 6, 14, /did you mean 'sql_tables'/],
  ['no list', `${AUDITOR}    match: { identifiers: a }\n`, 6, 27, /must be array/],
  ['a bad compat', 'profile: x\ncompat: auditr\nrules: []\n', 2, 9, /did you mean 'auditor'/],
  ['a bad version', 'profile: x\nversion: []\nrules: []\n', 2, 10, /must be string or number/],
  [
    'two names of one side',
    `${AUDITOR}    expect: {}\n    requires: {}\n`,
    7,
    15,
    /another name of 'expect'.*line 6/,
  ],
  [
    'two names of one kind',
    `${AUDITOR}    match: { strings: [a], expressions: [b] }\n`,
    6,
    23,
    /list all under one/,
  ],
  ['an id twice', `${AUDITOR}  - id: r\n    description: d\n`, 6, 9, /taken by rules\[0\]/],
  ['a lookaround', `${AUDITOR}    match: { identifiers: [x, "/a(?=b)/"] }\n`, 6, 31, /linear time/],
  ['strict: nothing to judge', STRICT, 3, 5, /nothing under match or expect/],
  [
    'strict: the same term on both sides',
    `${STRICT}    match: { strings: [a, X] }\n    requires: { expressions: [X] }\n`,
    5,
    27,
    /never pass.*line 6, column 31/,
  ],
  [
    'strict: a term that can never match',
    `${STRICT}    match: { identifiers: ["Client("] }\n`,
    5,
    28,
    /not one identifier/,
  ],
  ['strict: a broken regex', `${STRICT}    match: { identifiers: ["/(/"] }\n`, 5, 28, /RE2/],
  [
    'strict: a scope with a leading slash',
    `${STRICT}    scope: { include: [/src/*] }\n    match: { identifiers: [a] }\n`,
    5,
    24,
    /without a slash/,
  ],
  ['compat in the strict format', 'spec: 1\ncompat: auditor\n', 2, 1, /older profiles/],
])('refused at its place: %s', (_name, text, line, column, message) => {
  expect(errors(text)[0]).toMatchObject({ line, column, message: expect.stringMatching(message) });
});
