import { specInWords } from '#domain/spec/in-words.js';
import { parseSpec } from './parse-spec.js';

function words(yaml: string): string[] {
  const parsed = parseSpec(yaml);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return specInWords(parsed.spec);
}

test('a spec is told rule by rule, with where, when and how often', () => {
  const yaml = `
spec: 1
name: Tokens
rules:
  - id: no-legacy-auth
    scope: { include: ['src/**', 'lib/**'], exclude: ['**/*.test.ts'] }
    forbid: { identifiers: [legacyAuth, '/^session/i'], api_routes: ['GET /old'] }
  - id: key-from-environment
    description: the key is configured
    when: { expressions: [jwt.sign] }
    require: { expressions: [process.env.JWT_SECRET], min: 2 }
    within: function
  - id: guide
    require: { files: [docs/access.md] }
checks:
  - id: unit
    run: npm test
  - id: strict
    run: npm run lint
    compare: absolute
`;
  expect(words(yaml)).toEqual([
    'Rule no-legacy-auth: in files of src/** and lib/** (but not **/*.test.ts), the names legacyAuth, /^session/i or the routes GET /old must not occur.',
    'Rule key-from-environment (the key is configured): in all files, wherever the expressions jwt.sign occurs, the expressions process.env.JWT_SECRET must occur at least 2 times each in the same function.',
    'Rule guide: in all files, the files docs/access.md must occur.',
    'Check unit: `npm test` must have no failure that it did not have before.',
    'Check strict: `npm run lint` must succeed.',
    'Something of this does not hold before the work; all of it must hold after it.',
  ]);
});

test('a guard only has to stay as it is', () => {
  const [rule, last] = words(
    'spec: 1\nguard: true\nrules:\n  - { id: a, forbid: { ast: [{ language: ts, pattern: "eval($X)" }] } }',
  );
  expect(rule).toMatch(/^Rule a: in all files, \w+ code like `eval\(\$X\)` must not occur\.$/);
  expect(last).toBe('All of this holds already, and has to stay so.');
});
