import { createHash } from 'node:crypto';
import { parseSpec } from './parse-spec.js';

const FULL = `spec: 1
name: Users service speaks tokens
rules:
  - id: no-legacy-auth
    description: legacyAuth is gone from the services
    severity: high
    scope: { include: ["src/**/*.ts"], exclude: ["**/*.test.ts"] }
    forbid:  { identifiers: [legacyAuth] }
  - id: token-auth-used
    require: { identifiers: [verifyToken], min: 2 }
  - id: every-sign-uses-env
    when:    { expressions: ["jwt.sign"] }
    require: { expressions: ["process.env.JWT_SECRET"] }
    within: file
  - id: users-route
    require: { api_routes: ["POST /api/users"] }
  - id: orders-table
    forbid:  { sql_tables: [legacy_orders] }
  - id: no-eval
    forbid:  { ast: { language: TypeScript, pattern: "eval($X)" } }
  - id: files
    require: { files: ["docs/auth.md"] }
checks:
  - id: unit
    run: npm test --silent
    timeout: 120s
    compare: baseline
pass:
  fail_at: low
`;

function errors(text: string) {
  const parsed = parseSpec(text);
  return parsed.ok ? [] : parsed.errors;
}

function accepted(text: string) {
  const parsed = parseSpec(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.spec;
}

const RULE = 'spec: 1\nrules:\n  - id: a\n';

test('the reference spec loads, with its defaults and the hash of its exact bytes', () => {
  const parsed = parseSpec(FULL);
  expect(parsed).toMatchObject({
    ok: true,
    hash: createHash('sha256').update(FULL).digest('hex'),
    spec: {
      rules: [
        {
          id: 'no-legacy-auth',
          severity: 'high',
          scope: { include: ['src/**/*.ts'], exclude: ['**/*.test.ts'] },
        },
        { severity: 'medium', require: { min: 2 }, within: 'file', scope: { include: [], exclude: [] } },
        { when: {}, require: { min: 1 } },
        {},
        {},
        { forbid: { ast: [{ language: 'TypeScript', pattern: 'eval($X)' }] } },
        { require: { files: ['docs/auth.md'] } },
      ],
      checks: [{ id: 'unit', run: 'npm test --silent', timeoutMs: 120_000, compare: 'baseline' }],
      pass: { failAt: 'low' },
      guard: false,
    },
  });
  expect(parsed.ok && parseSpec(`${FULL}\n`)).not.toMatchObject({ hash: parsed.ok && parsed.hash });
});

test('terms are exact, or regexes found anywhere in the value', () => {
  const [rule] = accepted(
    `${RULE}    forbid: { identifiers: [legacyAuth, "/^get.*user$/i", "/a\\\\/b/"] }\n`,
  ).rules;
  const [exact, regex] = rule?.forbid?.terms.identifiers ?? [];
  expect(['legacyAuth', 'legacyauth', 'mylegacyAuth'].map((v) => exact?.matches(v))).toEqual([
    true,
    false,
    false,
  ]);
  expect(['getMyUser', 'GETUSER', 'forgetUser'].map((v) => regex?.matches(v))).toEqual([true, true, false]);
  // The answer for a value is remembered; asking again must not change it.
  expect(regex?.matches('forgetUser')).toBe(false);
});

test('a regex that backtracks catastrophically elsewhere is linear here', () => {
  const [rule] = accepted(`${RULE}    forbid: { identifiers: ["/^(a+)+$/"] }\n`).rules;
  const started = performance.now();
  expect(rule?.forbid?.terms.identifiers[0]?.matches(`${'a'.repeat(20_000)}!`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(1_000);
});

test.each([
  ['120s', 120_000],
  ['2m', 120_000],
  ['1h', 3_600_000],
])('timeout %s', (written, ms) => {
  expect(
    accepted(`spec: 1\nchecks: [{ id: a, run: "true", timeout: ${written} }]\n`).checks[0]?.timeoutMs,
  ).toBe(ms);
});

test('a check may bind nobody once its task is done', () => {
  const of = (more: string) => accepted(`spec: 1\nchecks: [{ id: a, run: x${more} }]\n`).checks[0]?.standing;
  expect([of(''), of(', standing: true'), of(', standing: false')]).toEqual([undefined, undefined, false]);
});

test('a check may name its report, with or without a file', () => {
  const of = (report: string) =>
    accepted(`spec: 1\nchecks: [{ id: a, run: x, report: ${report} }]\n`).checks[0]?.report;
  expect(of('{ format: junit, path: out/junit.xml }')).toEqual({ format: 'junit', path: 'out/junit.xml' });
  expect(of('{ format: vitest }')).toEqual({ format: 'vitest' });
});

test.each([
  ['an unknown key at the top', 'spec: 1\nrulez: []\n', 2, 1, /unknown key 'rulez'; did you mean 'rules'\?/],
  [
    'an unknown key in a rule',
    `${RULE}    severty: high\n    forbid: { identifiers: [a] }\n`,
    4,
    5,
    /did you mean 'severity'/,
  ],
  ['an unknown kind', `${RULE}    forbid: { identifier: [a] }\n`, 4, 15, /did you mean 'identifiers'/],
  [
    'an unknown key in ast',
    `${RULE}    forbid: { ast: { language: TS, patern: x } }\n`,
    4,
    36,
    /did you mean 'pattern'/,
  ],
  ['min under forbid', `${RULE}    forbid: { identifiers: [a], min: 2 }\n`, 4, 33, /unknown key 'min'/],
  [
    'a bad severity',
    `${RULE}    severity: hihg\n    forbid: { identifiers: [a] }\n`,
    4,
    15,
    /critical, high.*did you mean 'high'/,
  ],
  ['a bad version', 'spec: 2\nrules: []\n', 1, 7, /'spec' must be 1/],
  ['a missing version', 'rules: []\n', 1, 1, /'spec' must be 1; it is missing/],
  ['a missing id', 'spec: 1\nrules:\n  - forbid: { identifiers: [a] }\n', 3, 5, /'id' is missing/],
  [
    'a wrong type',
    `${RULE}    forbid: { identifiers: legacyAuth }\n`,
    4,
    28,
    /'identifiers' must be array, not string/,
  ],
  ['a number as a term', `${RULE}    forbid: { identifiers: [1] }\n`, 4, 29, /must be string, not number/],
  ['an empty rule', RULE, 3, 5, /neither require nor forbid/],
  ['a side that names nothing', `${RULE}    forbid: {}\n`, 4, 13, /'forbid' names nothing/],
  [
    'a duplicate rule id',
    `${RULE}    forbid: { identifiers: [x] }\n  - id: a\n    forbid: { identifiers: [y] }\n`,
    5,
    9,
    /taken by rules\[0\]/,
  ],
  [
    'a check with the id of a rule',
    `${RULE}    forbid: { identifiers: [x] }\nchecks:\n  - { id: a, run: x }\n`,
    6,
    11,
    /taken by rules\[0\]/,
  ],
  ['a reserved id', 'spec: 1\nchecks: [{ id: protected-path, run: x }]\n', 2, 16, /built-in/],
  ['an invalid regex', `${RULE}    forbid: { identifiers: [x, "/(a/"] }\n`, 4, 32, /not a valid RE2 regex/],
  ['a backreference', `${RULE}    forbid: { identifiers: ['/(a)\\1/'] }\n`, 4, 29, /not a valid RE2 regex/],
  ['a flag without meaning', `${RULE}    forbid: { identifiers: [/a/g] }\n`, 4, 29, /flag 'g'/],
  [
    'an identifier that is none',
    `${RULE}    forbid: { identifiers: [jwt.sign] }\n`,
    4,
    29,
    /not one identifier/,
  ],
  [
    'a glob that never matches',
    `${RULE}    scope: { include: [/src] }\n    forbid: { identifiers: [a] }\n`,
    4,
    24,
    /starts with '\/'/,
  ],
  [
    'an unknown form of report',
    'spec: 1\nchecks: [{ id: a, run: x, report: { format: juni } }]\n',
    2,
    45,
    /did you mean 'junit'/,
  ],
  [
    'a report outside',
    'spec: 1\nchecks: [{ id: a, run: x, report: { format: tap, path: ../x } }]\n',
    2,
    56,
    /inside the checkout/,
  ],
  [
    'an unknown key in a report',
    'spec: 1\nchecks: [{ id: a, run: x, report: { format: tap, file: x } }]\n',
    2,
    50,
    /unknown key 'file'/,
  ],
  ['a bad timeout', 'spec: 1\nchecks: [{ id: a, run: x, timeout: 120 s }]\n', 2, 36, /not a duration/],
  ['nothing to decide by', 'spec: 1\nrules: []\n', 1, 1, /at least one rule or check/],
  [
    'within without when',
    `${RULE}    within: scope\n    forbid: { identifiers: [a] }\n`,
    4,
    13,
    /there is no 'when'/,
  ],
  [
    'files under when',
    `${RULE}    when: { files: [a] }\n    forbid: { identifiers: [a] }\n`,
    4,
    20,
    /use 'scope'/,
  ],
  [
    'required and forbidden',
    `${RULE}    require: { identifiers: [x] }\n    forbid: { identifiers: [x] }\n`,
    5,
    29,
    /never pass \(see line 4, column 30\)/,
  ],
  [
    'required, and forbidden by a regex',
    `${RULE}    require: { identifiers: [newAuth] }\n    forbid: { identifiers: [y, /Auth$/] }\n`,
    5,
    32,
    /'newAuth' is both required and forbidden.*line 4, column 30/,
  ],
  [
    'required by method, forbidden by path',
    `${RULE}    require: { api_routes: ['POST /a/:id'] }\n    forbid: { api_routes: ['/a/{x}'] }\n`,
    5,
    28,
    /never pass/,
  ],
  [
    'the same ast term required and forbidden',
    `${RULE}    require: { ast: { language: ts, pattern: a } }\n    forbid: { ast: [{ language: TypeScript, pattern: a }] }\n`,
    5,
    21,
    /never pass/,
  ],
  [
    'a language that is none',
    `${RULE}    forbid: { ast: { language: Pyton, pattern: a } }\n`,
    4,
    32,
    /did you mean 'Python'/,
  ],
  [
    'an empty pattern',
    `${RULE}    forbid: { ast: { language: Go, pattern: " " } }\n`,
    4,
    20,
    /finds nothing/,
  ],
  ['an empty ast rule', `${RULE}    forbid: { ast: { language: Go, rule: {} } }\n`, 4, 20, /finds nothing/],
  ['a route that is none', `${RULE}    forbid: { api_routes: [api/users] }\n`, 4, 28, /write '\/api\/users'/],
  ['a table that is none', `${RULE}    forbid: { sql_tables: [a b] }\n`, 4, 28, /not the name of a table/],
  [
    'a dot in a regex for names',
    `${RULE}    forbid: { identifiers: ['/jwt\\.sign/'] }\n`,
    4,
    29,
    /under 'expressions'/,
  ],
  [
    'a space around a term',
    `${RULE}    forbid: { expressions: [" a"] }\n`,
    4,
    29,
    /begins or ends with a space/,
  ],
  [
    'white space that no value has',
    `${RULE}    forbid: { expressions: ["a  b"] }\n`,
    4,
    29,
    /write one space/,
  ],
  [
    'a merge key in a rule',
    `spec: 1\nrules:\n  - { id: a, <<: { id: b } }\n`,
    3,
    14,
    /merge keys are not supported/,
  ],
  ['a tag that nobody knows', `spec: 1\nname: !!python/object x\n`, 2, 7, /tag/],
  [
    'ast without a pattern',
    `${RULE}    forbid: { ast: [{ language: TypeScript }] }\n`,
    4,
    21,
    /either 'pattern' or 'rule'/,
  ],
  ['a duplicate key', 'spec: 1\nspec: 1\n', 2, 1, /unique/],
  ['broken YAML', 'spec: 1\nrules: [\n', 3, 1, /./],
  ['no map at all', 'just words\n', 1, 1, /must be object, not string/],
  ['nothing at all', '', 1, 1, /./],
  ['several documents', 'spec: 1\n---\nspec: 1\n', 2, 1, /multiple documents/],
])('%s is refused at its place', (_name, text, line, column, message) => {
  expect(errors(text)[0]).toMatchObject({ line, column, message: expect.stringMatching(message) });
});

test('every error is listed, with its path', () => {
  const found = errors(`${RULE}    severity: x\n    forbid: { identifiers: [a] }\n  - id: b\n    foo: 1\n`);
  expect(found.map((error) => error.path)).toEqual(['rules[0].severity', 'rules[1].foo']);
});

test('anchors and aliases work, and errors under an alias are still placed', () => {
  const text = `spec: 1\nrules:\n  - id: a\n    scope: &s { include: ["src/**"] }\n    forbid: { identifiers: [x] }\n`;
  expect(
    accepted(`${text}  - { id: b, scope: *s, forbid: { identifiers: [y] } }\n`).rules[1]?.scope.include,
  ).toEqual(['src/**']);
  const broken = text.replace('include', 'inclde');
  expect(
    errors(`${broken}  - { id: b, scope: *s, forbid: { identifiers: [y] } }\n`).map((e) => e.line),
  ).toEqual([4, 4]);
});

test('alias bombs, huge files and deep nesting are refused quickly', () => {
  const started = performance.now();
  const levels = Array.from(
    { length: 12 },
    (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`,
  );
  expect(errors(`spec: 1\nl0: &l0 [x]\n${levels.join('\n')}\n`)[0]?.message).toMatch(/aliases/);
  expect(errors(`spec: 1\n# ${'x'.repeat(1_048_576)}`)[0]?.message).toMatch(/at most 1048576 bytes/);
  expect(errors(`spec: 1\nrules: ${'['.repeat(200_000)}`).length).toBeGreaterThan(0);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('regexes have bounds: in length, in what they stand for, in number', () => {
  const forbidding = (terms: readonly string[]) =>
    errors(`${RULE}    forbid: { identifiers: ${JSON.stringify(terms)} }\n`)[0]?.message;
  expect(forbidding([`/${'a'.repeat(1_001)}/`])).toMatch(/at most 1000 characters/);
  expect(forbidding(['/(a[bc]){900}/'])).toMatch(/stands for too much/);
  expect(forbidding(['/((a{100}){100}){100}/'])).toMatch(/not a valid RE2 regex/);
  expect(forbidding(['/a{999}/'])).toBeUndefined();
  const many = Array.from({ length: 600 }, (_, index) => `"/x${index}/"`).join(', ');
  const rule = (id: string, terms: string) => `  - { id: ${id}, forbid: { identifiers: ${terms} } }\n`;
  // An alias repeats what is compiled already.
  expect(errors(`spec: 1\nrules:\n${rule('a', `&t [${many}]`)}${rule('b', '*t')}`)).toEqual([]);
  const more = many.replaceAll('x', 'y');
  expect(errors(`spec: 1\nrules:\n${rule('a', `[${many}]`)}${rule('b', `[${more}]`)}`)[0]).toMatchObject({
    line: 4,
    message: expect.stringMatching(/at most 1000 regexes/),
  });
});

test('a byte order mark and Windows line ends change nothing but the hash', () => {
  const text = `\ufeff${FULL.replaceAll('\n', '\r\n')}`;
  expect(accepted(text).rules.map((rule) => rule.id)).toEqual(accepted(FULL).rules.map((rule) => rule.id));
});

test('a key named __proto__ is unknown, like any other', () => {
  expect(
    errors(`${RULE}    forbid: { identifiers: [a] }\n    __proto__: { guard: true }\n`)[0],
  ).toMatchObject({ line: 5 });
});
