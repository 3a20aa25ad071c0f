import { rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import type { GitPort } from '#engine/ports/git.port.js';
import { git, writeFiles } from '#testing/git-repositories.js';
import { GitTestKit, message, REPOSITORY } from '#testing/git-test-kit.js';
import { historySteps, writeHistory } from '#testing/random-history.js';

let kit: GitTestKit;
let port: GitPort;

beforeEach(async () => {
  kit = await GitTestKit.create();
  port = kit.worker('worker');
});
afterEach(() => kit.remove());

it('lists a commit by what differs from those listed before as it does from the beginning', async () => {
  const base = await kit.imported(port, {
    'a.ts': 'a',
    'b/c.ts': 'c',
    'b/d.ts': 'd',
    'file-to-folder': 'x',
    'to-link': 'y',
    gone: 'z',
    'old name': 'n',
    '*.ts': 'star',
    'ü.ts': 'ü',
  });
  const workspace = await kit.workspace(port, base);
  const at = (path: string): string => join(workspace.path, path);
  await rm(at('file-to-folder'));
  await rm(at('gone'));
  await rm(at('to-link'));
  await writeFiles(workspace.path, {
    'b/c.ts': 'changed',
    'file-to-folder/inside': 'i',
    'new \t"q"\n.ts': 'q',
    '*.ts': 'changed star',
    'ü.ts': 'changed ü',
    '😀': 'e',
    '\uffee': 'f',
  });
  await symlink('a.ts', at('to-link'));
  await rename(at('old name'), at('new name'));
  const { commit } = await workspace.commit(message('x'));
  await port.pushNew({ repositoryId: REPOSITORY, commit, ref: 'refs/planwright/candidates/1' });

  const before = await port.blobs(REPOSITORY).tree(base);
  const after = await port.blobs(REPOSITORY).tree(commit);
  const fresh = await kit.worker('another').blobs(REPOSITORY).tree(commit);
  expect(after.list()).toEqual(fresh.list());
  expect(after.at('a.ts')).toBe(before.at('a.ts'));
  expect(after.at('to-link')?.mode).toBe('120000');
  expect(await port.blobs(REPOSITORY).tree(base)).toBe(before);
});

it('lists random histories as git does, in whatever order their commits are asked for', async () => {
  const paths = [
    'a.ts',
    'a/b.ts',
    'a/b/c.ts',
    'a/b/d.ts',
    'a/e',
    'f/g.ts',
    'f/h',
    'f',
    'a-b',
    'a.b/c',
    'ü/😀',
  ];
  await kit.imported(port, { 'first.ts': 'x' });
  const histories = fc.sample(historySteps(paths, ['', 'x', 'yy', 'a/b.ts']), { numRuns: 12, seed: 46 });
  const source = port.blobs(REPOSITORY);
  for (const [at, steps] of histories.entries()) {
    const commits = await writeHistory(kit.hub, `history-${at}`, steps);
    for (const commit of [...commits, ...commits.toReversed()]) {
      const files = (await source.tree(commit)).list();
      const listed = files.map(({ path, mode, blob, size }) => `${mode} blob ${blob} ${size}\t${path}`);
      const text = await git(kit.hub, 'ls-tree', '-r', '-l', '-z', commit);
      const expected = text.split('\0').filter((line) => / blob /.test(line));
      expect(listed).toEqual(expected.map((line) => line.replace(/ +(\d+\t)/, ' $1')));
    }
  }
});

it('files of which the names are no UTF-8 and read alike are all listed', async () => {
  await kit.imported(port, { 'first.ts': 'x' });
  const file = { mode: '100644', content: 'x' };
  const write = { '"\\376.ts"': file, '"\\377.ts"': file, '"\\376/a"': file, '"\\377/a"': file };
  const [commit = ''] = await writeHistory(kit.hub, 'odd', [{ write, remove: [], move: [], submodules: [] }]);
  expect((await port.blobs(REPOSITORY).tree(commit)).list()).toHaveLength(4);
});
