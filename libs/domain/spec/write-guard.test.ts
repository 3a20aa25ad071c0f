import fc from 'fast-check';
import { protectedPathViolations } from './protected-paths.js';
import type { Spec } from './spec.js';
import { writeGuard } from './write-guard.js';
import { outsideOf, type WriteScope } from './write-scope.js';

const spec = (...runs: string[]): Spec => ({
  semantics: 'strict',
  name: 'guarded',
  rules: [],
  checks: runs.map((run, at) => ({ id: `c${at}`, run, timeoutMs: 1_000, compare: 'absolute' })),
  pass: { failAt: 'low' },
  guard: false,
});
const BASE = ['src/a.ts', 'src/a.test.ts', 'package.json', 'Makefile'];
const guard = (scope: Partial<WriteScope> = {}, of = spec('make check')) =>
  writeGuard({
    spec: of,
    scope: { writes: [], mayChange: [], ...scope },
    existed: (path) => BASE.includes(path),
  });
const paths = (...names: string[]) => names.map((path) => ({ path }));

test('where a task names no place, only what decides how it is judged is refused', () => {
  const refusal = guard();
  expect(refusal('src/a.ts')).toBeNull();
  expect(refusal('src/b.test.ts')).toBeNull();
  expect(refusal('package.json')).toBeNull();
  expect(refusal('src/a.test.ts')).toMatch(/a test that existed before.*mayChange/);
  expect(refusal('Makefile')).toMatch(/a check runs it/);
  expect(refusal('.github/workflows/ci.yml')).toMatch(/CI configuration/);
});

test('git’s own files are refused, whoever may change what', () => {
  for (const path of ['.git/hooks/pre-commit', '.GIT/config', 'sub/.git/HEAD'])
    expect(guard({ mayChange: ['**'] })(path)).toMatch(/files of git/);
  expect(guard()('.gitignore')).toBeNull();
});

test('where it names places, others are refused, but what it may change is not', () => {
  const refusal = guard({ writes: ['src/**', 'docs/*.md'], mayChange: ['.github/**'] });
  expect(refusal('src/deep/a.ts')).toBeNull();
  expect(refusal('.github/workflows/ci.yml')).toBeNull();
  expect(refusal('docs/deep/a.md')).toBe('the task says that it writes to src/**, docs/*.md only');
});

test('the name of a folder stands for what is below it, as where work is handed in', () => {
  const scope = { writes: ['src'], mayChange: ['tools', '.github'] };
  const refusal = guard(scope);
  const within = ['src/deep/a.ts', 'tools/deep/run.sh', '.github/workflows/ci.yml'];
  expect(outsideOf([...scope.writes, ...scope.mayChange], paths(...within, 'srcs/a.ts'))).toEqual([
    'srcs/a.ts',
  ]);
  expect(within.slice(0, 2).map(refusal)).toEqual([null, null]);
  expect(refusal('srcs/a.ts')).toBe('the task says that it writes to src only');
});

test('a protected path is freed by a glob of it only, not by the name of its folder', () => {
  expect(guard({ mayChange: ['.github'] })('.github/workflows/ci.yml')).toMatch(/CI configuration/);
});

test('it refuses what the verifier refuses, whatever the path', () => {
  const part = fc.constantFrom(
    'src',
    'test',
    '.github',
    'node_modules',
    'a.ts',
    'a.test.ts',
    'Makefile',
    '.npmrc',
  );
  const paths = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(
      paths,
      fc.boolean(),
      fc.subarray(['src/**', '.github/**', '**/*.ts']),
      (path, there, mayChange) => {
        const judged = spec('make check');
        const refused = writeGuard({
          spec: judged,
          scope: { writes: [], mayChange },
          existed: () => there,
        })(path);
        const status = there ? 'modified' : 'added';
        const violations = protectedPathViolations({ spec: judged, files: [{ path, status }], mayChange });
        expect(refused !== null).toBe(violations.length > 0);
      },
    ),
  );
});
