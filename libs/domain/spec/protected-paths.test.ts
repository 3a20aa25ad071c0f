import { protectedPathViolations, type TouchedFile } from './protected-paths.js';
import type { Spec, SpecCheck } from './spec.js';

function spec(...commands: string[]): Spec {
  const checks = commands.map((run, index): SpecCheck => ({
    id: `c${index}`,
    run,
    timeoutMs: 1,
    compare: 'baseline',
  }));
  return { semantics: 'strict', name: '', rules: [], checks, pass: { failAt: 'low' }, guard: false };
}

const modified = (path: string): TouchedFile => ({ path, status: 'modified' });
const added = (path: string): TouchedFile => ({ path, status: 'added' });

function touched(
  files: readonly TouchedFile[],
  of = spec('npm test'),
  mayChange: string[] = [],
  basePackageJson = '{}',
) {
  return protectedPathViolations({ spec: of, files, mayChange, basePackageJson }).map(
    (violation) => violation.file,
  );
}

test.each([
  '.github/workflows/ci.yml',
  '.gitlab-ci.yml',
  '.circleci/config.yml',
  '.ci/run.sh',
  'Jenkinsfile',
  'azure-pipelines.yml',
  'bitbucket-pipelines.yml',
  '.buildkite/pipeline.yml',
  '.drone.yml',
  '.travis.yml',
  '.planwright/specs/a.yaml',
  'planwright.yml',
  'jest.config.mjs',
  'packages/a/vitest.config.ts',
  '.mocharc.json',
  'playwright.config.ts',
  'karma.conf.js',
  'ava.config.cjs',
  'pytest.ini',
  'tox.ini',
  '.nycrc',
  '.npmrc',
  'packages/a/.npmrc',
  '.gitattributes',
  '.gitmodules',
  'node_modules/.bin/jest',
])('%s may be neither changed nor added, with or without checks', (path) => {
  expect(touched([modified(path)], spec())).toEqual([path]);
  expect(touched([added(path)])).toEqual([path]);
  expect(touched([modified(path)], spec(), [path])).toEqual([]);
});

test.each([
  'src/a.ts',
  'README.md',
  'src/github/workflows.ts',
  'src/jest.config.ts.md',
  'libs/domain/spec/a.ts',
])('%s is free', (path) => {
  expect(touched([modified(path)])).toEqual([]);
});

test.each([
  'src/a.test.ts',
  'test/helper.js',
  'pkg/tests/x.py',
  'a/__tests__/b.ts',
  'x/y_test.go',
  'test_a.py',
])('the test %s may be added, but not changed, deleted or renamed away once the spec has checks', (path) => {
  expect(touched([added(path)])).toEqual([]);
  expect(touched([modified(path)])).toEqual([path]);
  expect(touched([{ path, status: 'deleted' }])).toEqual([path]);
  expect(touched([{ path: 'src/moved.ts', oldPath: path, status: 'renamed' }])).toEqual([path]);
  expect(touched([{ path, oldPath: 'src/moved.ts', status: 'renamed' }])).toEqual([]);
  expect(touched([modified(path)], spec())).toEqual([]);
  expect(touched([modified(path)], spec('npm test'), ['**'])).toEqual([]);
});

describe('package.json', () => {
  const change = (before: unknown, after: unknown, path = 'package.json') => {
    const text = (value: unknown) =>
      value === null || typeof value === 'string' ? value : JSON.stringify(value);
    const packageJson = { before: text(before), after: text(after) };
    return touched([{ path, status: 'modified', packageJson }], spec());
  };

  test.each([
    [{ scripts: { test: 'jest' } }, { scripts: { test: 'exit 0' } }],
    [{ scripts: { test: 'jest' } }, { scripts: { test: 'jest', posttest: 'x' } }],
    [{ scripts: { test: 'jest' } }, {}],
    [{}, { jest: { bail: true } }],
    [{ vitest: { a: 1 } }, { vitest: { a: 2 } }],
    [{ scripts: {} }, '{ broken'],
    [{ scripts: { test: 'jest' } }, '[]'],
    [null, { scripts: { test: 'exit 0' } }],
    [{ scripts: { test: 'jest' } }, null],
  ])('%j to %j is a violation', (before, after) => {
    expect(change(before, after)).toEqual(['package.json']);
    expect(change(before, after, 'packages/a/package.json')).toEqual(['packages/a/package.json']);
  });

  test.each([
    [{ version: '1' }, { version: '2', dependencies: { a: '1' }, type: 'module', imports: {} }],
    [{ scripts: { a: '1', b: '2' } }, '{\n "scripts": { "b": "2", "a": "1" }, "name": "x" }'],
    [null, { name: 'x' }],
  ])('%j to %j is free', (before, after) => {
    expect(change(before, after)).toEqual([]);
  });

  test('other files of that name ending are not meant', () => {
    expect(touched([modified('my-package.json')])).toEqual([]);
  });
});

describe('files that a check runs', () => {
  test.each([
    ['node scripts/verify.mjs --fast', 'scripts/verify.mjs'],
    ['./scripts/verify.sh', 'scripts/verify.sh'],
    ['npm ci && CI=1 bash "tools/check.sh"; true', 'tools/check.sh'],
    ['eslint --config=build/lint.js src', 'build/lint.js'],
    ['node --test checks/*.mjs', 'checks/a.mjs'],
    ['cd packages/a && ./verify.sh', 'packages/a/verify.sh'],
    ['make verify', 'Makefile'],
    ['python -m pytest -q', 'pyproject.toml'],
    ['npx --no-install tsc --noEmit', 'tsconfig.json'],
    ['tsc -p tsconfig.build.json', 'tsconfig.base.json'],
    ['./mvnw -q verify', 'pom.xml'],
    ['gradle test', 'build.gradle.kts'],
  ])('%s protects %s where it existed', (command, path) => {
    expect(touched([modified(path)], spec(command))).toEqual([path]);
    expect(touched([added(path)], spec(command))).toEqual([]);
    expect(touched([modified(path)], spec('true'))).toEqual([]);
  });

  test.each([
    ['eslint src', 'eslint.config.mjs'],
    ['node_modules/.bin/eslint .', '.eslintrc.json'],
    ['node node_modules/eslint/bin/eslint.js .', 'src/eslint.config.js'],
    ['npx prettier --check .', '.prettierignore'],
    ['python -m mypy src', 'mypy.ini'],
    ['ruff check', 'src/ruff.toml'],
  ])('%s protects %s, which it prefers to what is there, also where it is new', (command, path) => {
    expect(touched([modified(path)], spec(command))).toEqual([path]);
    expect(touched([added(path)], spec(command))).toEqual([path]);
    expect(touched([added(path)], spec('true'))).toEqual([]);
  });

  test.each([
    ['grep -q token src/users.ts', 'src/users.ts'],
    ['test -f docs/auth.md && cat docs/auth.md', 'docs/auth.md'],
    ['eslint src', 'src/a.ts'],
  ])('%s leaves its subject %s to the task', (command, path) => {
    expect(touched([modified(path)], spec(command))).toEqual([]);
  });

  test('a package script that a check starts is followed, with its pre and post scripts', () => {
    const scripts = {
      test: 'npm run unit',
      unit: 'node tools/run.mjs',
      pretest: 'sh tools/before.sh',
      other: 'sh o.sh',
    };
    const base = JSON.stringify({ scripts });
    const files = ['tools/run.mjs', 'tools/before.sh', 'o.sh'].map(modified);
    expect(touched(files, spec('npm test --silent'), [], base)).toEqual(['tools/run.mjs', 'tools/before.sh']);
    expect(touched(files, spec('yarn other'), [], base)).toEqual(['o.sh']);
  });

  test('scripts that start each other end', () => {
    const base = JSON.stringify({ scripts: { a: 'npm run b', b: 'npm run a && node x.js' } });
    expect(touched([modified('x.js')], spec('npm run a'), [], base)).toEqual(['x.js']);
  });
});

test('the violation names rule, path and remedy', () => {
  expect(protectedPathViolations({ spec: spec(), files: [modified('.npmrc')], mayChange: [] })).toEqual([
    {
      rule: 'protected-path',
      severity: 'critical',
      file: '.npmrc',
      message: expect.stringMatching(/mayChange/),
    },
  ]);
});
