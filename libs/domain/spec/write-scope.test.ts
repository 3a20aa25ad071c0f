import { outsideOf } from './write-scope.js';

const paths = (...names: string[]) => names.map((path) => ({ path }));

it('a task that says nothing may write anywhere', () => {
  expect(outsideOf([], paths('a', 'b/c'))).toEqual([]);
});

it('names each file outside of the globs once', () => {
  expect(
    outsideOf(['src/users/**', '*.md'], paths('src/users/a.ts', 'x.md', 'src/b.ts', 'src/b.ts')),
  ).toEqual(['src/b.ts']);
});

it('the name of a folder stands for what is below it', () => {
  expect(outsideOf(['src'], paths('src/a.ts', 'src', 'srcs/a.ts'))).toEqual(['srcs/a.ts']);
});

it('a rename touches both of its paths', () => {
  expect(outsideOf(['src/**'], [{ path: 'src/a.ts', oldPath: 'lib/a.ts' }])).toEqual(['lib/a.ts']);
});
