import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { GitPort } from '#engine/ports/git.port.js';
import { createOrigin, git, writeFiles } from '#testing/git-repositories.js';
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
    await writeFile(script, `#!/bin/sh\necho ran >> '${mark}'\n`, { mode: 0o755 });
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
    // Not even where no agent can write.
    for (const repository of [kit.mirror, kit.hub]) {
      for (const hook of ['post-index-change', 'reference-transaction', 'pre-receive', 'update']) {
        await writeFiles(join(repository, 'hooks'), { [hook]: `#!/bin/sh\necho ran >> '${mark}'\n` });
        await chmod(join(repository, 'hooks', hook), 0o755);
      }
    }
    const { commit } = await workspace.commit(message('x'));
    await port.pushNew({ repositoryId: REPOSITORY, commit, ref: 'refs/planwright/candidates/y' });
    await port.diff({ repositoryId: REPOSITORY, from: base, to: commit });
    await workspace.release();
    await (await kit.workspace(port, commit)).release();
    expect(await exists(mark)).toBe(false);
  });

  it('is built anew, and nothing else is emptied, when its folder became a link', async () => {
    const base = await kit.imported(port, FILES);
    const workspace = await kit.workspace(port, base);
    const outside = await kit.folder.next('outside');
    await writeFiles(outside, { 'mine.txt': 'mine\n' });
    await rm(workspace.path, { recursive: true });
    await symlink(outside, workspace.path);
    await workspace.release();
    const next = await kit.workspace(port, base);
    expect((await lstat(next.path)).isDirectory()).toBe(true);
    expect(await difference(next.path, base)).toBe('');
    expect(await readFile(join(outside, 'mine.txt'), 'utf8')).toBe('mine\n');
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

    await writeFile(join(slot, 'index.commit.lock'), '');
    const unlocked = await kit.workspace(port, base);
    expect(await unlocked.commit(message('nothing'))).toMatchObject({ changed: false });
    await unlocked.release();

    await writeFile(join(slot, 'index'), 'DIRC broken');
    const third = await kit.workspace(port, base);
    expect(await difference(third.path, base)).toBe('');
    expect(await readlink(join(third.path, '.git')).catch(() => 'a folder')).toBe('a folder');
  });
});
