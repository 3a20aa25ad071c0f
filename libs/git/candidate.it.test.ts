import { chmod, mkdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GitPort } from '#engine/ports/git.port.js';
import { createOrigin, git, writeFiles } from '#testing/git-repositories.js';
import { GitRefusal } from '#engine/ports/git-refusal.js';
import { copyIndex } from './copy-index.js';
import { exists } from './hub.js';
import { GitTestKit, message, REPOSITORY } from '#testing/git-test-kit.js';

const FILES = {
  'README.md': '# Demo\n',
  'src/a.ts': 'export const a = 1;\n',
  'src/deep/b.ts': 'b\n',
  '.gitignore': 'dist/\n*.log\n',
};

let kit: GitTestKit;
let port: GitPort;

beforeEach(async () => {
  kit = await GitTestKit.create();
  port = kit.worker();
});
afterEach(() => kit.remove());

async function changed(path: string, base: string, candidate: string): Promise<string[]> {
  const raw = await git(path, 'diff-tree', '-r', '--name-status', '-M', base, candidate);
  return raw.split('\n').filter((line) => line !== '');
}

describe('a candidate', () => {
  it.each(['node_modules/\nenv \\[1\\]\\*\n', '!node_modules\n'])(
    'leaves out what was prepared, whatever the ignore files %j say of it, and nothing else',
    async (ignored) => {
      const base = await kit.imported(port, { ...FILES, '.gitignore': ignored });
      const exclude = ['node_modules', 'env [1]*', 'src/deep/cache'];
      const workspace = await port.openWorkspace({
        repositoryId: REPOSITORY,
        commit: base,
        pool: 'executor',
        exclude,
      });
      await writeFiles(workspace.path, {
        'node_modules/dep/index.js': 'prepared\n',
        'env [1]*': 'prepared\n',
        'src/deep/cache/x': 'prepared\n',
        'src/node_modules.ts': 'work\n',
        'node_modules2/x': 'work\n',
        'env 1x': 'work\n',
      });
      const { commit } = await workspace.commit(message('Work'));
      expect(await changed(kit.mirror, base, commit)).toEqual([
        'A\tenv 1x',
        'A\tnode_modules2/x',
        'A\tsrc/node_modules.ts',
      ]);
      await workspace.release();
    },
  );

  it('records untracked, changed, deleted, renamed, binary, executable and linked files, and no ignored ones', async () => {
    const base = await kit.imported(port, {
      ...FILES,
      'old name.txt': 'a long enough text to be found again\n',
      'run.sh': '#!/bin/sh\n',
    });
    const workspace = await kit.workspace(port, base);
    const at = (path: string): string => join(workspace.path, path);
    await writeFiles(workspace.path, {
      'new/ünï cödé.txt': 'new\n',
      'src/a.ts': 'export const a = 2;\n',
      'data.bin': Buffer.from([0, 255, 10, 13, 0]),
      'crlf.txt': 'one\r\ntwo\r\n',
      'dist/out.js': 'ignored\n',
      'debug.log': 'ignored\n',
    });
    await rm(at('src/deep/b.ts'));
    await rename(at('old name.txt'), at('new name.txt'));
    await chmod(at('run.sh'), 0o755);
    await symlink('/etc/passwd', at('escape'));
    const { commit, tree, changed: isChanged } = await workspace.commit(message('All kinds'));
    expect(isChanged).toBe(true);
    expect(await git(kit.mirror, 'rev-parse', `${commit}^{tree}`, `${commit}^`)).toBe(`${tree}\n${base}`);
    expect(
      (
        await git(
          kit.mirror,
          '-c',
          'core.quotePath=false',
          'ls-tree',
          '-r',
          '--format=%(objectmode) %(path)',
          commit,
        )
      ).split('\n'),
    ).toEqual([
      '100644 .gitignore',
      '100644 README.md',
      '100644 crlf.txt',
      '100644 data.bin',
      '120000 escape',
      '100644 new name.txt',
      '100644 new/ünï cödé.txt',
      '100755 run.sh',
      '100644 src/a.ts',
    ]);
    const [link, binary, crlf] = await Promise.all(
      ['escape', 'data.bin', 'crlf.txt'].map((path) => git(kit.mirror, 'rev-parse', `${commit}:${path}`)),
    );
    const contents = await port.blobs(REPOSITORY).read([link ?? '', binary ?? '', crlf ?? '']);
    expect(contents.map((content) => content.toString('latin1'))).toEqual([
      '/etc/passwd',
      '\0\xff\n\r\0',
      'one\r\ntwo\r\n',
    ]);
  });

  it('equals its base when nothing changed but ignored files and times', async () => {
    const base = await kit.imported(port, FILES);
    const workspace = await kit.workspace(port, base);
    await writeFiles(workspace.path, { 'dist/x': '1', 'README.md': FILES['README.md'] });
    expect(await workspace.commit(message('Nothing'))).toMatchObject({ commit: base, changed: false });
  });

  it('is looked for with a copy of the index that is no younger: a change in the same tick would hide behind it', async () => {
    const workspace = await kit.workspace(port, await kit.imported(port, FILES));
    const index = join(dirname(workspace.path), 'index');
    const copy = join(kit.folder.path, 'index.copy');
    await copyIndex(index, copy);
    const [original, copied] = await Promise.all([stat(index), stat(copy)]);
    expect(copied.mtimeMs).toBeLessThanOrEqual(original.mtimeMs);
    expect(original.mtimeMs - copied.mtimeMs).toBeLessThan(2);
  });

  it('is a function of its inputs: two workers make the same commit', async () => {
    const base = await kit.imported(port, FILES);
    const other = kit.worker('other');
    const change = { write: { 'src/a.ts': 'x\n', 'n.txt': 'n\n' }, remove: ['README.md'] };
    const first = await kit.candidate(port, base, change);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const workspace = await kit.workspace(other, base);
    await writeFiles(workspace.path, change.write);
    await rm(join(workspace.path, 'README.md'));
    expect((await workspace.commit(message('Change'))).commit).toBe(first);
    expect(await git(kit.mirror, 'show', '-s', '--format=%an <%ae> %at|%cn <%ce> %ct|%s|%b', first)).toBe(
      'Planwright <planwright@example.com> 1700000000|Planwright <planwright@example.com> 1700000000|Change|Task 1.2',
    );
  });

  it('keeps a file that is tracked and ignored', async () => {
    const origin = await createOrigin(await kit.folder.next('origin'), {
      'a.txt': 'a\n',
      '.gitignore': '*.log\n',
    });
    await writeFiles(origin, { 'kept.log': '1\n' });
    await git(origin, 'add', '--force', 'kept.log');
    await git(origin, 'commit', '--quiet', '-m', 'log');
    const { commit: base } = await port.importBase({ repositoryId: REPOSITORY, origin, base: null });
    const workspace = await kit.workspace(port, base);
    await writeFiles(workspace.path, { 'kept.log': '2\n', 'other.log': 'no\n' });
    const { commit } = await workspace.commit(message('log'));
    expect(await changed(kit.mirror, base, commit)).toEqual(['M\tkept.log']);
  });

  it('refuses a repository that the agent made, with and without commits, naming its path', async () => {
    const base = await kit.imported(port, FILES);
    const workspace = await kit.workspace(port, base);
    await createOrigin(join(workspace.path, 'vendor/lib'));
    await expect(workspace.commit(message('x'))).rejects.toThrow(GitRefusal);
    await expect(workspace.commit(message('x'))).rejects.toThrow('vendor/lib is a git repository');
    await rm(join(workspace.path, 'vendor'), { recursive: true });
    await mkdir(join(workspace.path, 'empty'));
    await git(join(workspace.path, 'empty'), 'init', '--quiet');
    await expect(workspace.commit(message('x'))).rejects.toThrow('empty is a git repository');
    await rm(join(workspace.path, 'empty'), { recursive: true });
    await writeFiles(workspace.path, { 'fine.txt': '1' });
    expect((await workspace.commit(message('x'))).changed).toBe(true);
  });

  it('keeps an existing submodule, and refuses a change in its folder', async () => {
    const library = await createOrigin(await kit.folder.next('library'));
    const origin = await createOrigin(await kit.folder.next('origin'), FILES);
    await git(origin, 'submodule', '--quiet', 'add', library, 'lib');
    await git(origin, 'commit', '--quiet', '-m', 'submodule');
    const { commit: base } = await port.importBase({ repositoryId: REPOSITORY, origin, base: null });
    const workspace = await kit.workspace(port, base);
    await writeFiles(workspace.path, { 'src/a.ts': 'changed\n' });
    const { commit } = await workspace.commit(message('x'));
    expect(await changed(kit.mirror, base, commit)).toEqual(['M\tsrc/a.ts']);
    await writeFiles(workspace.path, { 'lib/x.txt': 'lost otherwise\n' });
    await expect(workspace.commit(message('x'))).rejects.toThrow('submodule folder lib was changed');
    await workspace.release();
    const next = await kit.workspace(port, base);
    expect(next.path).toBe(workspace.path);
    expect(await exists(join(next.path, 'lib/x.txt'))).toBe(false);
    expect(await exists(join(next.path, 'lib'))).toBe(true);
  });

  it('cannot be made in a workspace that was given back', async () => {
    const workspace = await kit.workspace(port, await kit.imported(port, FILES));
    await workspace.release();
    await expect(workspace.commit(message('late'))).rejects.toThrow('given back');
  });
});
