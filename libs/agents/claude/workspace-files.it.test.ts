import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_WRITE_BYTES, ToolRefusal, WorkspaceFiles } from './workspace-files.js';

/** Paths as a hostile model names them, in a workspace that a hostile command prepared. */

let outside: string;
let root: string;
let files: WorkspaceFiles;

beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'files-'));
  root = join(outside, 'tree');
  mkdirSync(join(root, '.git/hooks'), { recursive: true });
  mkdirSync(join(root, 'src'));
  writeFileSync(join(root, '.git/config'), 'own');
  writeFileSync(join(outside, 'secret'), 'SECRET');
  writeFileSync(join(root, 'src/a.ts'), 'a');
  files = new WorkspaceFiles(root);
});
afterEach(() => rmSync(outside, { recursive: true, force: true }));

const UNREACHABLE = [
  '../secret',
  'src/../../secret',
  'src/..',
  '/etc/passwd',
  '\\\\server\\share',
  'C:/secret',
  '',
  '.',
  './/.',
  'a\0b',
  '.git/config',
  '.GIT/config',
  './.git/hooks/pre-commit',
  'src/.git/config',
  '.git./config',
  '.git /config',
  'git~1/config',
  '.g\u200cit/config',
  '.git::$INDEX_ALLOCATION/config',
];

test.each(UNREACHABLE)('%j is neither read nor written', async (path) => {
  await expect(files.read(path)).rejects.toBeInstanceOf(ToolRefusal);
  await expect(files.write(path, 'x')).rejects.toBeInstanceOf(ToolRefusal);
  expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('SECRET');
  expect(readFileSync(join(root, '.git/config'), 'utf8')).toBe('own');
});

test.each([
  ['a link to a file outside', () => symlinkSync(join(outside, 'secret'), join(root, 'link')), 'link'],
  ['a link to a folder outside', () => symlinkSync(outside, join(root, 'link')), 'link/secret'],
  ['a link that climbs', () => symlinkSync('../..', join(root, 'src/link')), 'src/link/secret'],
  ['a link to the git directory', () => symlinkSync('.git', join(root, 'link')), 'link/config'],
  ['a link to the root', () => symlinkSync('/', join(root, 'link')), 'link/etc/passwd'],
  ['a link to itself', () => symlinkSync('link', join(root, 'link')), 'link'],
  ['a pipe', () => execFileSync('mkfifo', [join(root, 'pipe')]), 'pipe'],
  ['a folder', () => undefined, 'src'],
])('%s leads nowhere', async (_name, plant, path) => {
  plant();
  await expect(files.read(path)).rejects.toBeInstanceOf(ToolRefusal);
  await expect(files.write(path, 'x')).rejects.toBeInstanceOf(ToolRefusal);
  expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('SECRET');
  expect(readFileSync(join(root, '.git/config'), 'utf8')).toBe('own');
});

test('a link within the workspace is the file that it leads to', async () => {
  symlinkSync('src/a.ts', join(root, 'link'));
  await files.write('link', 'b');
  expect([await files.read('link'), readFileSync(join(root, 'src/a.ts'), 'utf8')]).toEqual(['b', 'b']);
});

test('a refusal names the path as it was given, and nothing of the machine', async () => {
  for (const path of ['src/a.ts/b', 'nowhere', `${'x'.repeat(300)}`]) {
    const refusal = await files.read(path).catch((error: unknown) => error as Error);
    expect(refusal).toBeInstanceOf(ToolRefusal);
    expect((refusal as Error).message).not.toContain(outside);
  }
});

test('sizes are bounded, and what is no text is not read', async () => {
  await expect(files.write('big', 'x'.repeat(MAX_WRITE_BYTES + 1))).rejects.toThrow(/too many/);
  writeFileSync(join(root, 'binary'), Buffer.from([1, 0, 2]));
  await expect(files.read('binary')).rejects.toThrow(/binary file of 3 bytes/);
});
