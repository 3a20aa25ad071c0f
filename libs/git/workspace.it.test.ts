import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { GitPort } from '#engine/ports/git.port.js';
import { createOrigin, git, writeFiles } from '#testing/git-repositories.js';
import { GitRefusal } from './git-refusal.js';
import { exists } from './hub.js';
import { GitTestKit, message, REPOSITORY } from './git-test-kit.js';

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

/** What differs between the tree and the commit, asked with an index that trusts no stat. */
async function difference(tree: string, commit: string): Promise<string> {
  const fresh = await kit.folder.next('fresh');
  await git(kit.folder.path, 'clone', '--quiet', '--shared', '--no-checkout', kit.hub, fresh);
  await git(fresh, 'fetch', '--quiet', kit.hub, commit);
  await git(fresh, 'checkout', '--quiet', '--detach', commit);
  await rm(join(fresh, '.git'), { recursive: true });
  try {
    execFileSync('diff', ['-r', '--no-dereference', '--exclude=.git', fresh, tree], { encoding: 'utf8' });
    return execFileSync('find', [tree, '-mindepth', '2', '-name', '.git'], { encoding: 'utf8' });
  } catch (error) {
    return String((error as { stdout: string }).stdout);
  }
}

async function changed(path: string, base: string, candidate: string): Promise<string[]> {
  const raw = await git(path, 'diff-tree', '-r', '--name-status', '-M', base, candidate);
  return raw.split('\n').filter((line) => line !== '');
}

describe('a candidate', () => {
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

describe('a pooled workspace', () => {
  it('comes back equal to its commit whatever the last user left', async () => {
    const base = await kit.imported(port, {
      ...FILES,
      'link-me/x': 'x\n',
      'was-file': 'f\n',
      'tool.sh': 'echo\n',
    });
    const outside = await kit.folder.next('outside');
    await writeFiles(outside, { x: 'mine\n', 'a.ts': 'mine\n' });
    const first = await kit.workspace(port, base);
    const at = (path: string): string => join(first.path, path);
    await writeFiles(first.path, {
      'node_modules/.bin/node': 'evil',
      'dist/a': 'a',
      'untracked/x': 'x',
      'src/.git/config': '[core]\n',
    });
    await createOrigin(at('nested'));
    await createOrigin(at('dist/nested'));
    execFileSync('mkfifo', [at('src/pipe')]);
    await rm(at('link-me'), { recursive: true });
    await symlink(outside, at('link-me'));
    await rm(at('was-file'));
    await mkdir(at('was-file'));
    await writeFile(at('was-file/inside'), '1');
    await rm(at('src/deep'), { recursive: true });
    await writeFile(at('src/deep'), 'a file where a folder was');
    await chmod(at('tool.sh'), 0o777);
    await mkdir(at('locked/in'), { recursive: true });
    await writeFile(at('locked/in/f'), '1');
    await chmod(at('locked/in'), 0o555);
    await chmod(at('src'), 0o555);
    await rm(at('.git'), { recursive: true });
    await symlink(outside, at('.git'));
    await first.commit(message('whatever')).catch(() => undefined);
    await first.release();

    const second = await kit.workspace(port, base);
    expect(second.path).toBe(first.path);
    expect(await difference(second.path, base)).toBe('');
    expect((await stat(at('tool.sh'))).mode & 0o111).toBe(0);
    expect((await stat(at('src'))).mode & 0o700).toBe(0o700);
    expect((await lstat(at('.git'))).isDirectory()).toBe(true);
    expect(await readFile(join(outside, 'x'), 'utf8')).toBe('mine\n');
    expect(await git(second.path, 'status', '--porcelain', '--ignored')).toBe('');
  });

  it('sees a change of the same size with a faked time, before and after a commit in the same second', async () => {
    const base = await kit.imported(port, { 'a.txt': 'aaaa\n', 'b.txt': 'bbbb\n' });
    for (let round = 0; round < 6; round += 1) {
      const workspace = await kit.workspace(port, base);
      const file = join(workspace.path, 'a.txt');
      const past = new Date(1_000_000_000_000);
      await utimes(file, past, past);
      await workspace.commit(message('stat of the agent'));
      await writeFile(file, 'XXXX\n');
      await utimes(file, past, past);
      await workspace.release();
      const next = await kit.workspace(port, base);
      expect(await readFile(join(next.path, 'a.txt'), 'utf8')).toBe('aaaa\n');
      const { atime, mtime } = await stat(join(next.path, 'b.txt'));
      await writeFile(join(next.path, 'b.txt'), 'YYYY\n');
      await utimes(join(next.path, 'b.txt'), atime, mtime);
      expect((await next.commit(message('same size'))).changed).toBe(true);
      await next.release();
    }
  });

  it('moves to another commit, and its agent sees a clean repository there', async () => {
    const base = await kit.imported(port, FILES);
    const next = await kit.candidate(
      port,
      base,
      { write: { 'src/new/n.ts': 'n\n' }, remove: ['src/deep'] },
      'Next',
    );
    const workspace = await kit.workspace(port, next);
    expect(await difference(workspace.path, base)).not.toBe('');
    await port.pushNew({ repositoryId: REPOSITORY, commit: next, ref: 'refs/planwright/candidates/x' });
    expect(await difference(workspace.path, next)).toBe('');
    expect(await git(workspace.path, 'status', '--porcelain')).toBe('');
    expect(await git(workspace.path, 'log', '--format=%s')).toBe('Next\nFirst commit');
    await git(workspace.path, 'mv', 'README.md', 'READ.md');
    expect(await git(workspace.path, 'diff', '--cached', '--name-status', '-M')).toBe(
      'R100\tREADME.md\tREAD.md',
    );
  });

  it('runs nothing that the agent planted: fsmonitor, hooks, filters, a repository in a submodule folder', async () => {
    const library = await createOrigin(await kit.folder.next('library'));
    const origin = await createOrigin(await kit.folder.next('origin'), FILES);
    await git(origin, 'submodule', '--quiet', 'add', library, 'lib');
    await git(origin, 'commit', '--quiet', '-m', 'submodule');
    const { commit: base } = await port.importBase({ repositoryId: REPOSITORY, origin, base: null });
    const mark = await kit.folder.next('mark');
    const script = await kit.folder.next('script.sh');
    await writeFile(script, `#!/bin/sh\necho ran >> '${mark}'\ncat\n`, { mode: 0o755 });
    const plant = async (repository: string): Promise<void> => {
      for (const key of [
        'core.fsmonitor',
        'filter.evil.clean',
        'filter.evil.smudge',
        'filter.evil.process',
        'diff.evil.textconv',
        'core.sshCommand',
      ]) {
        await git(repository, 'config', key, script);
      }
      for (const hook of [
        'post-index-change',
        'pre-commit',
        'post-checkout',
        'reference-transaction',
        'pre-push',
      ]) {
        await writeFiles(join(repository, '.git/hooks'), { [hook]: `#!/bin/sh\necho ran >> '${mark}'\n` });
        await chmod(join(repository, '.git/hooks', hook), 0o755);
      }
    };
    const workspace = await kit.workspace(port, base);
    await writeFiles(workspace.path, { '.gitattributes': '* filter=evil diff=evil\n', 'src/a.ts': 'new\n' });
    await plant(workspace.path);
    await git(workspace.path, 'status').catch(() => '');
    expect(await exists(mark)).toBe(true);
    await rm(mark);

    await git(join(workspace.path, 'lib'), 'init', '--quiet');
    await plant(join(workspace.path, 'lib'));
    await writeFiles(workspace.path, { 'lib/.gitattributes': '* filter=evil\n', 'lib/f': '1\n' });
    await expect(workspace.commit(message('x'))).rejects.toThrow('submodule folder lib');
    await rm(join(workspace.path, 'lib'), { recursive: true });
    await mkdir(join(workspace.path, 'lib'));
    const { commit } = await workspace.commit(message('x'));
    await port.pushNew({ repositoryId: REPOSITORY, commit, ref: 'refs/planwright/candidates/y' });
    await port.diff({ repositoryId: REPOSITORY, from: base, to: commit });
    await workspace.release();
    await (await kit.workspace(port, commit)).release();
    expect(await exists(mark)).toBe(false);
  });

  it('is 16 workspaces at once, each its own', async () => {
    const base = await kit.imported(port, FILES);
    const workspaces = await Promise.all(Array.from({ length: 16 }, () => kit.workspace(port, base)));
    expect(new Set(workspaces.map(({ path }) => path)).size).toBe(16);
    const commits = await Promise.all(
      workspaces.map(async (workspace, index) => {
        await writeFiles(workspace.path, { 'n.txt': `${index}\n` });
        const { commit } = await workspace.commit(message(`n ${index}`));
        await port.pushNew({ repositoryId: REPOSITORY, commit, ref: `refs/planwright/candidates/${index}` });
        await workspace.release();
        return commit;
      }),
    );
    expect(new Set(commits).size).toBe(16);
    expect((await git(kit.hub, 'for-each-ref', 'refs/planwright/candidates/')).split('\n')).toHaveLength(16);
  });

  it('keeps executors and verifiers apart, and two processes of one home too', async () => {
    const base = await kit.imported(port, FILES);
    const [executor, verifier] = await Promise.all(
      (['executor', 'verifier'] as const).map((pool) =>
        port.openWorkspace({ repositoryId: REPOSITORY, commit: base, pool }),
      ),
    );
    expect(executor?.path).not.toBe(verifier?.path);
    const lock = join(executor?.path ?? '', '../lock');
    // A live process that is not this one: its parent.
    await writeFile(lock, String(process.ppid));
    const rival = kit.worker();
    const other = await rival.openWorkspace({ repositoryId: REPOSITORY, commit: base, pool: 'executor' });
    expect(other.path).not.toBe(executor?.path);
  });

  it('takes over the slot of a dead process, and rebuilds it when a git lock or a broken index is left', async () => {
    const base = await kit.imported(port, FILES);
    const workspace = await kit.workspace(port, base);
    const slot = join(workspace.path, '..');
    await port.close();
    const dead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
    await writeFile(join(slot, 'lock'), dead);
    await writeFile(join(slot, 'index.lock'), '');
    await writeFiles(workspace.path, { 'README.md': 'half written' });
    port = kit.worker();
    const second = await kit.workspace(port, base);
    expect(second.path).toBe(workspace.path);
    expect(await difference(second.path, base)).toBe('');
    expect(await exists(join(slot, 'index.lock'))).toBe(false);
    await second.release();

    await writeFile(join(slot, 'index'), 'DIRC broken');
    const third = await kit.workspace(port, base);
    expect(await difference(third.path, base)).toBe('');
    expect(await readlink(join(third.path, '.git')).catch(() => 'a folder')).toBe('a folder');
  });
});
