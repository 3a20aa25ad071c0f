import { rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitPort } from '#engine/ports/git.port.js';
import { writeFiles } from '#testing/git-repositories.js';
import { GitTestKit, message, REPOSITORY } from '#testing/git-test-kit.js';

let kit: GitTestKit;
let port: GitPort;

beforeEach(async () => {
  kit = await GitTestKit.create();
  port = kit.worker('worker');
});
afterEach(() => kit.remove());

it('lists a commit by its difference to the last one as it does from the beginning', async () => {
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
  expect(after).toEqual(fresh);
  const of = (files: typeof after, path: string) => files.find((file) => file.path === path);
  expect(of(after, 'a.ts')).toBe(of(before, 'a.ts'));
  expect(of(after, 'to-link')?.mode).toBe('120000');
  expect(await port.blobs(REPOSITORY).tree(base)).toBe(before);
});
