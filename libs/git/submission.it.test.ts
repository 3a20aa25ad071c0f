import { join } from 'node:path';
import type { GitPort } from '#engine/ports/git.port.js';
import { commitAll, createOrigin, git, TEST_PATH, writeFiles } from '#testing/git-repositories.js';
import { GitTestKit, message, REPOSITORY } from '#testing/git-test-kit.js';
import { belongsTo, shareWorkingTree } from './working-tree.js';

const LINES = Array.from({ length: 20 }, (_, n) => `line ${n}\n`);
const FILES = {
  'a.txt': LINES.join(''),
  'b.txt': 'b\n',
  '.gitignore': 'out/\n',
  'data.bin': Buffer.from([0, 1]),
};
const repositoryId = REPOSITORY;

let kit: GitTestKit;
let port: GitPort;
let origin: string;
let base: string;

beforeEach(async () => {
  kit = await GitTestKit.create();
  port = kit.worker();
  origin = await createOrigin(await kit.folder.next('origin'), FILES);
  base = (await port.importBase({ repositoryId, origin, base: null })).commit;
});
afterEach(() => kit.remove());

const edited = (line: number, text: string): string => LINES.with(line, `${text}\n`).join('');
const caller = (cwd: string) => ({ cwd, environment: { PATH: TEST_PATH } });
const patchId = (from: string, to: string) => port.patchId({ repositoryId, from, to });

/** Commits to a branch of the origin. @returns the commit */
async function branch(
  name: string,
  files: Readonly<Record<string, string>>,
  start = 'main',
): Promise<string> {
  await git(origin, 'switch', '--quiet', '-C', name, start);
  await writeFiles(origin, files);
  const commit = await commitAll(origin, name);
  await git(origin, 'switch', '--quiet', 'main');
  return commit;
}

function imported(ref: string, name = 'one'): Promise<string> {
  return port.importSubmission({ repositoryId, origin, ref, name });
}

describe('a patch-id', () => {
  const write = (files: Readonly<Record<string, string | Buffer>>, on = base) =>
    kit.candidate(port, on, { write: files });

  it('is the same for the same diff on another base, and another for another diff', async () => {
    const candidate = await write({ 'a.txt': edited(3, 'three') });
    const tip = await write({ 'b.txt': 'other\n' });
    const rebased = await port.rebase({ repositoryId, candidate, onto: tip, message: message('Again') });
    if (rebased.kind !== 'clean') throw new Error('it does not merge');
    expect(await patchId(tip, rebased.commit)).toBe(await patchId(base, candidate));
    expect(await patchId(base, await write({ 'a.txt': edited(3, 'four') }))).not.toBe(
      await patchId(base, candidate),
    );
  });

  it('tells the content of binary files apart', async () => {
    const [one, two] = [
      await write({ 'data.bin': Buffer.from([0, 2]) }),
      await write({ 'data.bin': Buffer.from([0, 3]) }),
    ];
    expect(await patchId(base, one)).not.toBe(await patchId(base, two));
  });

  it('of nothing is forty zeros', async () => {
    expect(await patchId(base, base)).toBe('0'.repeat(40));
  });
});

describe('a submission', () => {
  it('comes into the hub by branch, by full ref and by commit', async () => {
    const commit = await branch('fix', { 'b.txt': 'fixed\n' });
    expect(await imported('fix', 'one')).toBe(commit);
    expect(await imported('refs/heads/fix', 'two')).toBe(commit);
    expect(await imported(commit, 'three')).toBe(commit);
    expect(await git(kit.hub, 'rev-parse', 'refs/planwright/submissions/two')).toBe(commit);
    expect(await port.isSubmission({ repositoryId, commit })).toBe(true);
    expect(await port.isSubmission({ repositoryId, commit: base })).toBe(false);
  });

  it('that does not exist is refused with its name', async () => {
    await expect(imported('no-such')).rejects.toThrow('has no branch or tag no-such');
    await expect(imported('refs/planwright/submit/gone')).rejects.toThrow(
      'has no ref refs/planwright/submit/gone',
    );
    await expect(imported('--upload-pack=x')).rejects.toThrow('is not the name of a branch');
  });

  it('of several commits becomes one on the tip, by the real merge base', async () => {
    await branch('fix', { 'a.txt': edited(3, 'three') });
    const commit = await branch('more', { 'new.txt': 'new\n' }, 'fix');
    await imported('more');
    const tip = await kit.candidate(port, base, { write: { 'a.txt': edited(15, 'fifteen') } });
    const onto = { repositoryId, onto: tip, message: message('By hand') };
    const squashed = await port.squash({ ...onto, commit });
    if (squashed.kind !== 'clean') throw new Error('it does not merge');
    expect(await git(kit.mirror, 'rev-parse', `${squashed.commit}^`)).toBe(tip);
    expect(await git(kit.mirror, 'diff', '--name-only', tip, squashed.commit)).toBe('a.txt\nnew.txt');
    expect(await git(kit.mirror, 'show', `${squashed.commit}:a.txt`)).toContain('fifteen');
  });

  it('that changes nothing is the tip', async () => {
    const squashed = await port.squash({
      repositoryId,
      commit: base,
      onto: base,
      message: message('Nothing'),
    });
    expect(squashed).toMatchObject({ kind: 'clean', commit: base });
  });

  it('that conflicts says where', async () => {
    const commit = await branch('fix', { 'b.txt': 'mine\n' });
    await imported('fix');
    const tip = await kit.candidate(port, base, { write: { 'b.txt': 'theirs\n' } });
    const squashed = await port.squash({ repositoryId, commit, onto: tip, message: message('No') });
    expect(squashed).toMatchObject({ kind: 'conflict', files: ['b.txt'] });
    expect(squashed.kind === 'conflict' && squashed.hunks).toContain('handed in');
  });

  it('without a common history is refused', async () => {
    await git(origin, 'switch', '--quiet', '--orphan', 'alone');
    await writeFiles(origin, { 'alone.txt': 'x\n' });
    const commit = await commitAll(origin, 'Alone');
    await imported('alone');
    await expect(port.squash({ repositoryId, commit, onto: base, message: message('No') })).rejects.toThrow(
      'no commit in common',
    );
  });
});

describe('a working tree that is handed in', () => {
  it('has changed, deleted and untracked files, no ignored ones, and touches nothing of the person’s', async () => {
    await writeFiles(origin, { 'b.txt': 'staged\n' });
    await git(origin, 'add', 'b.txt');
    await writeFiles(origin, { 'b.txt': 'working\n', 'sub/new.txt': 'new\n', 'out/built': 'x' });
    const state = async () => [
      await git(origin, 'status', '--porcelain', '--ignored'),
      await git(origin, 'diff', '--cached'),
      await git(origin, 'for-each-ref'),
      await git(origin, 'rev-parse', 'HEAD'),
    ];
    const before = await state();
    const shared = await shareWorkingTree(caller(join(origin, 'sub')), 'one');
    expect(await git(origin, 'diff', '--name-only', 'HEAD', shared.commit)).toBe('b.txt\nsub/new.txt');
    expect(await git(origin, 'show', `${shared.commit}:b.txt`)).toBe('working');
    expect(await imported(shared.ref)).toBe(shared.commit);
    await shared.remove();
    expect(await state()).toEqual(before);
  });

  it('is refused in the middle of a merge, without a commit, and where there is no checkout', async () => {
    await branch('left', { 'b.txt': 'left\n' });
    const right = await branch('right', { 'b.txt': 'right\n' });
    await git(origin, 'switch', '--quiet', 'left');
    await git(origin, 'merge', right).catch(() => undefined);
    await expect(shareWorkingTree(caller(origin), 'one')).rejects.toThrow('in the middle of a merge');
    const empty = await kit.folder.next('empty');
    await git(kit.folder.path, 'init', '--quiet', empty);
    await expect(shareWorkingTree(caller(empty), 'one')).rejects.toThrow('has no commits yet');
    await expect(shareWorkingTree(caller(kit.folder.path), 'one')).rejects.toThrow('not in the checkout');
  });

  it('belongs to its repository and to its worktrees, and to no clone', async () => {
    const worktree = await kit.folder.next('worktree');
    await git(origin, 'worktree', 'add', '--quiet', '--detach', worktree);
    const clone = await kit.folder.next('clone');
    await git(origin, 'clone', '--quiet', origin, clone);
    expect(await belongsTo(caller(worktree), origin)).toBe(true);
    expect(await belongsTo(caller(clone), origin)).toBe(false);
  });
});
