import { builtInViolations, MAX_FILE_BYTES, type ChangedContent } from './built-in-rules.js';

const FILE = '100644';
const LINK = '120000';
const change = (path: string, over: Partial<ChangedContent> = {}): ChangedContent => ({
  path,
  mode: FILE,
  newBytes: 10,
  oldBytes: 0,
  before: null,
  after: 'text\n',
  ...over,
});

function found(
  files: readonly ChangedContent[],
  { mayChange = [], tools = [] }: { mayChange?: readonly string[]; tools?: readonly string[] } = {},
): string[] {
  return builtInViolations({ files, mayChange, tools: new Set(tools) }).map(
    ({ rule, file, line }) => `${rule} ${file ?? ''}${line === undefined ? '' : `:${line}`}`,
  );
}

test('ordinary files bring nothing in', () => {
  expect(found([change('a.ts'), change('b.bin', { after: '\0\0' })])).toEqual([]);
});

describe('a link', () => {
  const link = (path: string, target: string, before: string | null = null) =>
    found([change(path, { mode: LINK, after: target, before })]);

  test.each([
    ['a', 'b'],
    ['a/b', '../c'],
    ['a/b/c', '../../d/e'],
    ['a', './b/./c'],
    ['a/b', '..'],
  ])('%s -> %s stays inside', (path, target) => {
    expect(link(path, target)).toEqual([]);
  });

  test.each([
    ['a', '/etc/passwd'],
    ['a', '..'],
    ['a', '../b'],
    ['a/b', '../../c'],
    ['a', 'b/../../c'],
    ['a', 'b/../c'],
    ['a', '.git/config'],
    ['a/b', '../.GIT/hooks'],
    ['a', ''],
  ])('%s -> %s does not, or may not', (path, target) => {
    expect(link(path, target)).toEqual([`symlink-escape ${path}`]);
  });

  test('that was there before, and only changed its place in the diff, is left alone', () => {
    expect(link('a', '/etc/passwd', '/etc/passwd')).toEqual([]);
  });
});

test('a repository inside is refused, unless the task may change it', () => {
  const inner = change('inner', { mode: '160000', after: null });
  expect(found([inner])).toEqual(['nested-repository inner']);
  expect(found([inner], { mayChange: ['inner'] })).toEqual([]);
  expect(found([change('inner', { mode: '000000', after: null })])).toEqual([]);
});

test('a file over the limit is refused, but not one that was over it before', () => {
  const huge = { newBytes: MAX_FILE_BYTES + 1, after: null };
  expect(found([change('dump.bin', huge)])).toEqual(['huge-file dump.bin']);
  expect(found([change('dump.bin', { ...huge, newBytes: MAX_FILE_BYTES })])).toEqual([]);
  expect(found([change('dump.bin', { ...huge, oldBytes: MAX_FILE_BYTES + 1 })])).toEqual([]);
  expect(found([change('dump.bin', huge)], { mayChange: ['*.bin'] })).toEqual([]);
});

describe('conflict markers', () => {
  const conflict = '<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n';
  const both = (before: string | null, after: string) => found([change('a.ts', { before, after })]);

  test('are refused where they begin, whatever ends the lines', () => {
    expect(both(null, `x\n${conflict}`)).toEqual(['conflict-marker a.ts:2']);
    expect(both('x\n', conflict.replaceAll('\n', '\r\n'))).toEqual(['conflict-marker a.ts:1']);
    expect(both(conflict, conflict + conflict)).toEqual(['conflict-marker a.ts:1']);
  });

  test('that were there before, or are only a part of a conflict, are not', () => {
    expect(both(conflict, `${conflict}more\n`)).toEqual([]);
    expect(both(null, 'Title\n=======\n')).toEqual([]);
    expect(both(null, '<<<<<<< ours\n>>>>>>> theirs\n')).toEqual([]);
    expect(both(null, conflict.replaceAll(/^/gm, '    '))).toEqual([]);
  });
});

describe('a comment against a tool', () => {
  const after = (text: string, tools: readonly string[], path = 'a.ts') =>
    found([change(path, { after: `x\n${text}\n` })], { tools });

  test.each([
    ['eslint', '// eslint-disable-next-line no-console'],
    ['eslint', '/* eslint no-console: 0 */'],
    ['tsc', '// @ts-expect-error'],
    ['tsc', '/* @ts-nocheck */'],
    ['c8', '/* c8 ignore next */'],
    ['--coverage', '/* istanbul ignore else */'],
    ['--experimental-test-coverage', '/* node:coverage disable */'],
    ['mypy', 'x = f()  # type: ignore[no-untyped-call]'],
    ['ruff', 'import os  # noqa: F401'],
    ['pylint', '# pylint: disable=all'],
    ['--cov', 'x = 1  # pragma: no cover'],
    ['golangci-lint', '//nolint:errcheck'],
    ['clippy', '#[allow(dead_code)]'],
    ['rubocop', '# rubocop:disable all'],
  ])('%s: %s', (tool, text) => {
    expect(after(text, [tool])).toEqual(['suppression a.ts:2']);
    expect(after(text, ['node'])).toEqual([]);
    expect(after(text, [tool], 'docs/a.md')).toEqual([]);
  });

  test('is no new one where it comes from another file or place of the change', () => {
    const old = 'a\n  // eslint-disable-next-line\nb\n';
    const moved = [
      change('old.ts', { before: old, after: 'a\n' }),
      change('new.ts', { after: 'x\n// eslint-disable-next-line\ny\n' }),
    ];
    expect(found(moved, { tools: ['eslint'] })).toEqual([]);
    const twice = [...moved, change('third.ts', { after: '// eslint-disable-next-line\n' })];
    expect(found(twice, { tools: ['eslint'] })).toEqual(['suppression third.ts:1']);
  });
});
