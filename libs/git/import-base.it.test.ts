import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitPort, ImportedBase } from '#engine/ports/git.port.js';
import { commitAll, createOrigin, git, writeFiles } from '#testing/git-repositories.js';
import { exists } from './hub.js';
import { GitTestKit, message, REPOSITORY } from '#testing/git-test-kit.js';

let kit: GitTestKit;
let port: GitPort;

beforeEach(async () => {
  kit = await GitTestKit.create();
  port = kit.worker();
});
afterEach(() => kit.remove());

function importing(origin: string, base: string | null = null): Promise<ImportedBase> {
  return port.importBase({ repositoryId: REPOSITORY, origin, base });
}

/** Everything of a checkout that an import could have changed. */
async function stateOf(origin: string): Promise<string> {
  const files = [
    'index',
    'config',
    'HEAD',
    'packed-refs',
    'refs/stash',
    'logs/HEAD',
    'FETCH_HEAD',
    'ORIG_HEAD',
  ];
  const hash = createHash('sha256');
  for (const file of files)
    hash.update(await readFile(join(origin, '.git', file)).catch(() => Buffer.from('none')));
  return `${hash.digest('hex')} ${await git(origin, 'for-each-ref')} ${await git(origin, 'count-objects', '-v')}`;
}

describe('importing a base', () => {
  it('takes the current branch, and keeps the commit reachable in the hub', async () => {
    const origin = await createOrigin(await kit.folder.next('origin'));
    const tip = await git(origin, 'rev-parse', 'HEAD');
    expect(await importing(origin)).toEqual({ commit: tip, branch: 'main', warnings: [] });
    expect(await git(kit.hub, 'rev-parse', `refs/planwright/base/${tip}`)).toBe(tip);
    expect(await importing(origin)).toEqual({ commit: tip, branch: 'main', warnings: [] });
  });

  it('takes a branch, a lightweight and an annotated tag, a full id, and only what these need', async () => {
    const origin = await createOrigin(await kit.folder.next('origin'));
    const first = await git(origin, 'rev-parse', 'HEAD');
    await git(origin, 'tag', 'light');
    await git(origin, 'tag', '-a', 'v1.0', '-m', 'One');
    await git(origin, 'switch', '--quiet', '-c', 'feature/ü');
    await writeFiles(origin, { 'f.txt': 'f\n' });
    const feature = await commitAll(origin, 'feature');
    await git(origin, 'switch', '--quiet', 'main');
    for (const name of ['main', 'refs/heads/main', 'light', 'v1.0', first])
      expect((await importing(origin, name)).commit).toBe(first);
    expect(await git(kit.hub, 'cat-file', '-t', feature).catch(() => 'absent')).toBe('absent');
    expect(await importing(origin, 'feature/ü')).toEqual({
      commit: feature,
      branch: 'feature/ü',
      warnings: [],
    });
  });

  it('reads bare origins, linked worktrees, file URLs, and paths with spaces and other letters', async () => {
    const origin = await createOrigin(await kit.folder.next("my own répo's: α"));
    const tip = await git(origin, 'rev-parse', 'HEAD');
    expect((await importing(origin)).commit).toBe(tip);
    const bare = await kit.folder.next('bare');
    await git(kit.folder.path, 'clone', '--quiet', '--bare', origin, bare);
    expect((await importing(bare)).commit).toBe(tip);
    const linked = await kit.folder.next('linked');
    await git(origin, 'worktree', 'add', '--quiet', '-b', 'side', linked);
    expect(await importing(linked)).toMatchObject({ commit: tip, branch: 'side' });
    expect((await importing(`file://${bare}`)).commit).toBe(tip);
  });

  it('refuses with a reason what cannot work', async () => {
    const origin = await createOrigin(await kit.folder.next('origin'), { 'sub/x': 'x\n' });
    const plain = await kit.folder.next('plain');
    await mkdir(plain);
    const empty = await kit.folder.next('empty');
    await mkdir(empty);
    await git(empty, 'init', '--quiet');
    await expect(importing(join(plain, 'none'))).rejects.toMatchObject({
      name: 'GitRefusal',
      reason: expect.stringMatching(/nothing at .*none/),
    });
    await expect(importing(plain)).rejects.toThrow('is not a git repository');
    await expect(importing(join(origin, 'sub'))).rejects.toThrow(
      `is a folder inside the repository ${origin}`,
    );
    await expect(importing(empty)).rejects.toThrow('has no commits yet');
    await expect(importing(`file://${plain}`)).rejects.toMatchObject({
      name: 'GitRefusal',
      reason: expect.stringMatching(/cannot be read/),
    });
    await expect(importing(origin, 'nope')).rejects.toThrow(
      'has no branch or tag nope. Name one of its branches: main.',
    );
    await expect(importing(origin, 'a'.repeat(40))).rejects.toThrow(
      `does not have the commit ${'a'.repeat(40)}`,
    );
    await expect(importing(origin, '--upload-pack=touch')).rejects.toThrow('is not the name of a branch');
    await expect(importing(origin, await git(origin, 'rev-parse', 'HEAD^{tree}'))).rejects.toThrow(
      'is a tree, not a commit',
    );
    await expect(importing(`ext::sh -c 'touch ${plain}/ran'`)).rejects.toThrow(/nothing at|cannot be read/);
    await git(origin, 'switch', '--quiet', '--detach');
    await expect(importing(origin)).rejects.toMatchObject({
      reason: expect.stringMatching(/on no branch/),
      remedy: expect.stringMatching(/switch/),
    });
    expect(await importing(origin, 'main')).toMatchObject({ branch: 'main' });
    expect(await exists(join(plain, 'ran'))).toBe(false);
  });

  it('never shows the credentials of a URL', async () => {
    const error: Error = await importing('https://user:s3cret@127.0.0.1:1/x.git').then(
      () => new Error('imported'),
      (e: Error) => e,
    );
    expect(error.name).toBe('GitRefusal');
    expect(error.message).not.toContain('s3cret');
  });

  it('warns of uncommitted files, submodules and pointers, and takes none of their contents', async () => {
    const library = await createOrigin(await kit.folder.next('library'));
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n';
    const origin = await createOrigin(await kit.folder.next('origin'), {
      'a.txt': 'a\n',
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\nsecret filter=git-crypt\n',
      'big.bin': pointer,
    });
    await git(origin, 'submodule', '--quiet', 'add', library, 'lib');
    await commitAll(origin, 'submodule');
    await writeFiles(origin, { 'a.txt': 'dirty\n', 'new file': 'n\n' });
    const { commit, warnings } = await importing(origin);
    expect(warnings).toEqual([
      '2 files in the checkout have uncommitted changes that are not part of the plan.',
      '1 submodule is not checked out: the folders stay empty.',
      'Files kept in Git LFS are not downloaded: they stay pointers.',
      'Files under the git filter git-crypt are taken as they are stored: the filter is not run.',
    ]);
    const workspace = await kit.workspace(port, commit);
    expect(await readFile(join(workspace.path, 'big.bin'), 'utf8')).toBe(pointer);
    expect(await readFile(join(workspace.path, 'a.txt'), 'utf8')).toBe('a\n');
    expect(await exists(join(workspace.path, 'new file'))).toBe(false);
    expect(await exists(join(workspace.path, 'lib/README.md'))).toBe(false);
  });

  it('leaves the origin as it was and runs nothing of it: hooks, fsmonitor, filters', async () => {
    const mark = await kit.folder.next('mark');
    const origin = await createOrigin(await kit.folder.next('origin'), {
      'a.txt': 'a\n',
      'b.txt': 'b\n',
      '.gitattributes': '*.txt filter=noisy\n',
    });
    await writeFiles(origin, { 'a.txt': 'stashed\n' });
    await git(origin, 'stash');
    await writeFiles(origin, { 'b.txt': 'dirty\n', 'untracked.txt': 'u\n', 'staged.txt': 's\n' });
    await git(origin, 'add', 'staged.txt');
    // The same content at another time: a status that may, would refresh the index.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await writeFile(join(origin, 'a.txt'), 'a\n');
    const script = await kit.folder.next('noisy.sh');
    await writeFile(script, `#!/bin/sh\necho ran >> '${mark}'\n`, { mode: 0o755 });
    for (const key of [
      'core.fsmonitor',
      'filter.noisy.clean',
      'filter.noisy.process',
      'uploadpack.packObjectsHook',
      'core.alternateRefsCommand',
      'core.sshCommand',
    ]) {
      await git(origin, 'config', key, script);
    }
    await git(origin, 'config', 'filter.noisy.required', 'true');
    for (const hook of [
      'post-checkout',
      'reference-transaction',
      'post-index-change',
      'pre-push',
      'fsmonitor-watchman',
    ]) {
      await writeFiles(join(origin, '.git/hooks'), { [hook]: `#!/bin/sh\necho ran >> '${mark}'\n` });
      await chmod(join(origin, '.git/hooks', hook), 0o755);
    }
    const before = await stateOf(origin);
    await rm(mark, { force: true });
    expect((await importing(origin)).warnings).toEqual([
      '3 files in the checkout have uncommitted changes that are not part of the plan.',
      'Files under the git filter noisy are taken as they are stored: the filter is not run.',
    ]);
    expect(await exists(mark)).toBe(false);
    expect(await stateOf(origin)).toBe(before);
    await git(origin, 'status').catch(() => '');
    expect(await exists(mark)).toBe(true);
  });

  it('works from a shallow origin up to publishing back', async () => {
    const full = await createOrigin(await kit.folder.next('full'));
    await commitAll(full, 'second');
    const tip = await commitAll(full, 'third');
    const shallow = await kit.folder.next('shallow');
    await git(kit.folder.path, 'clone', '--quiet', '--depth=1', `file://${full}`, shallow);
    const { commit } = await importing(shallow);
    expect(commit).toBe(tip);
    const candidate = await kit.candidate(port, commit, { write: { 'n.txt': 'n\n' } });
    await port.pushNew({ repositoryId: REPOSITORY, commit: candidate, ref: 'refs/planwright/candidates/1' });
    const other = await kit.candidate(port, commit, { write: { 'm.txt': 'm\n' } });
    const rebased = await port.rebase({
      repositoryId: REPOSITORY,
      candidate: other,
      onto: candidate,
      message: message('m'),
    });
    expect(rebased.kind).toBe('clean');
    const workspace = await kit.workspace(port, candidate);
    expect(await git(workspace.path, 'log', '--format=%s')).toBe('Change\nthird');
    expect(
      await port.publish({
        repositoryId: REPOSITORY,
        origin: shallow,
        branch: 'planwright/1',
        commit: candidate,
        left: [],
      }),
    ).toEqual({ kind: 'published' });
    expect(await git(shallow, 'rev-parse', 'planwright/1')).toBe(candidate);
  });

  it('keeps links as links, and creates one hub when two processes import at once', async () => {
    const origin = await createOrigin(await kit.folder.next('origin'));
    await symlink('../../../etc/passwd', join(origin, 'out'));
    const tip = await commitAll(origin, 'link');
    const ports = [port, kit.worker('second'), kit.worker('third')];
    const bases = await Promise.all(
      ports.map((worker) => worker.importBase({ repositoryId: REPOSITORY, origin, base: null })),
    );
    expect(bases.map(({ commit }) => commit)).toEqual([tip, tip, tip]);
    const workspace = await kit.workspace(port, tip);
    expect(await git(workspace.path, 'ls-files', '-s', 'out')).toMatch(/^120000/);
    expect(await readFile(join(kit.hub, 'config'), 'utf8')).toContain('allowAnySHA1InWant');
    expect(await git(kit.hubBase, '-c', 'safe.directory=*', '--git-dir', kit.hub, 'fsck')).toBe('');
  });
});
