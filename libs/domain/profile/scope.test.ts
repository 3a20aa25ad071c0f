import fc from 'fast-check';
import type { WriteLimits } from './profile.js';
import { scopeViolations, profileGuard, type ScopedFile } from './scope.js';

const OPEN: WriteLimits = { writes: [], forbids: [], maxFiles: null, maxLines: null };
const file = (path: string, over: Partial<ScopedFile> = {}): ScopedFile => ({
  path,
  addedLines: 1,
  removedLines: 1,
  ...over,
});
const paths = fc.constantFrom('src/a.ts', 'src/b/c.ts', 'docs/x.md', 'README.md', 'package.json');
const files = fc.uniqueArray(
  fc.record({ path: paths, addedLines: fc.nat({ max: 9 }), removedLines: fc.nat({ max: 9 }) }),
  { selector: ({ path }) => path },
);
const globs = fc.uniqueArray(fc.constantFrom('src/**', '**/*.md', 'docs/**', 'package.json'), {
  maxLength: 2,
});
const limits = fc.record({
  writes: globs,
  forbids: globs,
  maxFiles: fc.option(fc.integer({ min: 1, max: 4 }), { nil: null }),
  maxLines: fc.option(fc.integer({ min: 1, max: 40 }), { nil: null }),
});

it('without limits nothing is too much', () => {
  fc.assert(fc.property(files, (list) => expect(scopeViolations(OPEN, list)).toEqual([])));
});

it('is empty exactly when every file may be written and neither number is exceeded', () => {
  fc.assert(
    fc.property(limits, files, (limit, list) => {
      const lines = list.reduce((sum, { addedLines, removedLines }) => sum + addedLines + removedLines, 0);
      const fits =
        list.every(({ path }) => profileGuard(limit)(path) === null) &&
        list.length <= (limit.maxFiles ?? Infinity) &&
        lines <= (limit.maxLines ?? Infinity);
      expect(scopeViolations(limit, list).length === 0).toBe(fits);
    }),
  );
});

it('who does less is never rejected where who does more is not', () => {
  fc.assert(
    fc.property(limits, files, (limit, list) => {
      if (scopeViolations(limit, list).length > 0) return;
      expect(scopeViolations(limit, list.slice(1))).toEqual([]);
    }),
  );
});

it('what is forbidden stays so inside the scope', () => {
  const limit = { ...OPEN, writes: ['src/**'], forbids: ['src/secret/**'] };
  expect(scopeViolations(limit, [file('src/a.ts')])).toEqual([]);
  expect(scopeViolations(limit, [file('src/secret/a.ts'), file('other.ts')])).toMatchObject([
    { rule: 'profile-scope', severity: 'critical', file: 'src/secret/a.ts' },
    { rule: 'profile-scope', file: 'other.ts' },
  ]);
});

it('the name of a folder stands for what is below it', () => {
  const limit = { ...OPEN, writes: ['docs'], forbids: ['docs/private'] };
  expect(scopeViolations(limit, [file('docs/deep/a.md')])).toEqual([]);
  expect(scopeViolations(limit, [file('docs/private/a.md'), file('docs2/a.md')])).toHaveLength(2);
});

it('a rename touches both its ends', () => {
  const limit = { ...OPEN, writes: ['docs/**'] };
  const found = scopeViolations(limit, [file('docs/a.md', { oldPath: 'src/a.md' })]);
  expect(found).toMatchObject([{ file: 'src/a.md' }]);
});
