import { execFileSync } from 'node:child_process';
import { chmod, mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitPort, PlanPush } from '#engine/ports/git.port.js';
import { createOrigin, git } from '#testing/git-repositories.js';
import { GitTestKit, message, PLAN, REPOSITORY } from '#testing/git-test-kit.js';

const BRANCH = 'planwright/12-demo';

let kit: GitTestKit;
let port: GitPort;
let base: string;

beforeEach(async () => {
  kit = await GitTestKit.create();
  port = kit.worker();
  base = await kit.imported(port, { 'a.txt': 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n', 'b.txt': 'b\n' });
});
afterEach(() => kit.remove());

const lane = (worker = port): ReturnType<GitPort['readLane']> =>
  worker.readLane({ repositoryId: REPOSITORY, planId: PLAN, branch: BRANCH });
const fence = (expected: string | null, value: string, worker = port): ReturnType<GitPort['moveFence']> =>
  worker.moveFence({ repositoryId: REPOSITORY, planId: PLAN, expected, value });
const push = (
  leases: {
    readonly expectedTip: string | null;
    readonly expectedFence: string | null;
    readonly newTip: string;
    readonly fenceValue: string;
  },
  worker = port,
): Promise<PlanPush> =>
  worker.pushPlanBranch({ repositoryId: REPOSITORY, planId: PLAN, branch: BRANCH, ...leases });

describe('the lane of a plan', () => {
  it('starts empty, is created with its fence, and moves forward', async () => {
    expect(await lane()).toEqual({ tip: null, fence: null });
    expect(await push({ expectedTip: null, expectedFence: null, newTip: base, fenceValue: 'start' })).toEqual(
      { kind: 'pushed' },
    );
    const first = await lane();
    expect(first.tip).toBe(base);
    expect(await git(kit.hub, 'cat-file', 'blob', first.fence ?? '')).toBe(
      `planwright fence ${PLAN} start ${base}`,
    );
    const next = await kit.candidate(port, base, { write: { 'n.txt': 'n\n' } });
    expect(
      await push({ expectedTip: base, expectedFence: first.fence, newTip: next, fenceValue: 'start' }),
    ).toEqual({ kind: 'pushed' });
    const second = await lane();
    expect(second.tip).toBe(next);
    expect(second.fence).not.toBe(first.fence);
  });

  it('lets exactly one of two racing pushes win, ten times', async () => {
    await push({ expectedTip: null, expectedFence: null, newTip: base, fenceValue: 'start' });
    const rival = kit.worker('rival');
    for (let round = 0; round < 10; round += 1) {
      const { tip, fence: held } = await lane();
      const from = tip ?? '';
      const mine = await kit.candidate(port, from, { write: { [`mine-${round}`]: '1' } });
      const workspace = await kit.workspace(rival, from);
      await writeFile(join(workspace.path, `theirs-${round}`), '1');
      const theirs = (await workspace.commit(message('theirs'))).commit;
      await workspace.release();
      const results = await Promise.all([
        push({ expectedTip: tip, expectedFence: held, newTip: mine, fenceValue: `mine-${round}` }),
        push({ expectedTip: tip, expectedFence: held, newTip: theirs, fenceValue: `theirs-${round}` }, rival),
      ]);
      expect(results.map(({ kind }) => kind).sort()).toEqual(['pushed', 'refused']);
      expect((await lane()).tip).toBe(results[0]?.kind === 'pushed' ? mine : theirs);
    }
  });

  it('refuses the holder of a fence that was moved, though the tip is the one it expects', async () => {
    await push({ expectedTip: null, expectedFence: null, newTip: base, fenceValue: 'start' });
    const { fence: old } = await lane();
    const next = await kit.candidate(port, base, { write: { 'n.txt': 'n\n' } });
    const moved = await fence(old, 'cancel-1');
    expect(moved.moved).toBe(true);
    const late = await push({
      expectedTip: base,
      expectedFence: old,
      newTip: next,
      fenceValue: 'integration-1',
    });
    expect(late).toEqual({ kind: 'refused', reason: expect.stringContaining('fence of the plan moved') });
    expect(await lane()).toEqual({ tip: base, fence: moved.fence });
    // Also with the value it holds, which leaves its own fence ref nothing to change.
    const held = await fence(moved.fence, 'integration-2');
    const again = await fence(held.fence, 'rewind-3');
    expect(again.moved).toBe(true);
    expect(
      (
        await push({
          expectedTip: base,
          expectedFence: held.fence,
          newTip: next,
          fenceValue: 'integration-2',
        })
      ).kind,
    ).toBe('refused');
    expect((await lane()).tip).toBe(base);
  });

  it('moves a fence once per expectation; the same move again is no second move', async () => {
    const first = await fence(null, 'a');
    expect(first.moved).toBe(true);
    expect(await fence(null, 'b')).toEqual({ moved: false, fence: first.fence });
    expect(await fence(null, 'a')).toEqual(first);
    const racers = await Promise.all([fence(first.fence, 'c'), fence(first.fence, 'd', kit.worker('rival'))]);
    expect(racers.filter(({ moved }) => moved)).toHaveLength(1);
    expect(new Set(racers.map((racer) => racer.fence)).size).toBe(1);
    expect(await git(kit.hub, 'cat-file', 'blob', first.fence ?? '')).toBe(`planwright fence ${PLAN} a`);
  });

  it('refuses to leave the history of its branch, and throws when the hub is away', async () => {
    await push({ expectedTip: null, expectedFence: null, newTip: base, fenceValue: 'start' });
    const { fence: held } = await lane();
    const left = await kit.candidate(port, base, { write: { l: 'l' } });
    const right = await kit.candidate(port, base, { write: { r: 'r' } });
    expect((await push({ expectedTip: base, expectedFence: held, newTip: left, fenceValue: '1' })).kind).toBe(
      'pushed',
    );
    const now = await lane();
    const off = await push({ expectedTip: left, expectedFence: now.fence, newTip: right, fenceValue: '2' });
    expect(off).toEqual({ kind: 'refused', reason: expect.stringContaining('does not descend') });
    expect(
      (await push({ expectedTip: base, expectedFence: now.fence, newTip: right, fenceValue: '2' })).kind,
    ).toBe('refused');
    expect(await lane()).toEqual(now);
    await expect(
      kit
        .worker('lost', { hubBase: `file://${kit.folder.path}/none` })
        .readLane({ repositoryId: REPOSITORY, planId: PLAN, branch: BRANCH }),
    ).rejects.toThrow('git ls-remote');
  });

  it('creates a ref once: the same commit again is success, another one is an error', async () => {
    const [one, two] = [
      await kit.candidate(port, base, { write: { x: '1' } }),
      await kit.candidate(port, base, { write: { x: '2' } }),
    ];
    const ref = 'refs/planwright/candidates/a-1';
    await port.pushNew({ repositoryId: REPOSITORY, commit: one, ref });
    await port.pushNew({ repositoryId: REPOSITORY, commit: one, ref });
    await expect(port.pushNew({ repositoryId: REPOSITORY, commit: two, ref })).rejects.toThrow(
      'exists already',
    );
    expect(await git(kit.hub, 'rev-parse', ref)).toBe(one);
    for (const bad of ['candidates/x', 'refs/../x', '--mirror', 'refs/a:refs/b']) {
      await expect(port.pushNew({ repositoryId: REPOSITORY, commit: one, ref: bad })).rejects.toThrow(
        'Not a full ref',
      );
    }
  });

  it('removes the lock of a push that was killed, and no lock that may be held', async () => {
    const mine = await kit.candidate(port, base, { write: { x: '1' } });
    const ref = 'refs/planwright/candidates/locked';
    const lock = join(kit.hub, `${ref}.lock`);
    await mkdir(join(lock, '..'), { recursive: true });
    await writeFile(lock, '');
    await expect(port.pushNew({ repositoryId: REPOSITORY, commit: mine, ref })).rejects.toThrow('git push');
    const old = new Date((await stat(lock)).mtimeMs - 120_000);
    await utimes(lock, old, old);
    await port.pushNew({ repositoryId: REPOSITORY, commit: mine, ref });
    expect(await git(kit.hub, 'rev-parse', ref)).toBe(mine);
  });

  it('serves a worker that reaches the hub by URL', async () => {
    const far = kit.worker('far', { hubBase: `file://${kit.hubBase}` });
    const mine = await kit.candidate(port, base, { write: { x: '1' } });
    await port.pushNew({ repositoryId: REPOSITORY, commit: mine, ref: 'refs/planwright/candidates/far' });
    const workspace = await kit.workspace(far, mine);
    await writeFile(join(workspace.path, 'y'), 'y\n');
    const { commit } = await workspace.commit(message('far'));
    await far.pushNew({ repositoryId: REPOSITORY, commit, ref: 'refs/planwright/candidates/back' });
    expect(await git(kit.hub, 'rev-parse', 'refs/planwright/candidates/back')).toBe(commit);
    const origin = await createOrigin(await kit.folder.next('origin'), { z: 'z\n' });
    const imported = await far.importBase({ repositoryId: REPOSITORY, origin, base: null });
    expect(await git(kit.hub, 'rev-parse', `refs/planwright/base/${imported.commit}`)).toBe(imported.commit);
  });
});

describe('rebasing a candidate', () => {
  const rebase = (candidate: string, onto: string): ReturnType<GitPort['rebase']> =>
    port.rebase({ repositoryId: REPOSITORY, candidate, onto, message: message('Rebased') });

  it('returns the candidate itself on its own base', async () => {
    const candidate = await kit.candidate(port, base, { write: { 'n.txt': 'n\n' } });
    const tree = await git(kit.mirror, 'rev-parse', `${candidate}^{tree}`);
    expect(await rebase(candidate, base)).toEqual({
      kind: 'clean',
      commit: candidate,
      tree,
      treeChanged: false,
    });
  });

  it('combines changes of different places, the same way every time', async () => {
    const onto = await kit.candidate(port, base, {
      write: { 'a.txt': 'ONE\ntwo\nthree\nfour\nfive\nsix\nseven\n' },
    });
    const candidate = await kit.candidate(port, base, {
      write: { 'a.txt': 'one\ntwo\nthree\nfour\nfive\nsix\nSEVEN\n' },
    });
    const result = await rebase(candidate, onto);
    expect(result).toMatchObject({ kind: 'clean', treeChanged: true });
    expect(await rebase(candidate, onto)).toEqual(result);
    const { commit } = result as { commit: string };
    expect(await git(kit.mirror, 'show', `${commit}:a.txt`)).toBe('ONE\ntwo\nthree\nfour\nfive\nsix\nSEVEN');
    expect(await git(kit.mirror, 'rev-list', '--parents', '-1', commit)).toBe(`${commit} ${onto}`);
  });

  it('needs no commit for what the branch has already', async () => {
    const onto = await kit.candidate(port, base, { write: { 'b.txt': 'B\n', 'c.txt': 'c\n' } }, 'Both');
    const candidate = await kit.candidate(port, base, { write: { 'b.txt': 'B\n' } });
    expect(await rebase(candidate, onto)).toMatchObject({ kind: 'clean', commit: onto, treeChanged: true });
  });

  it('does not bring back what a rewind took away', async () => {
    const later = await kit.candidate(port, base, { write: { 'rewound.txt': 'r\n' } });
    const candidate = await kit.candidate(port, later, { write: { 'mine.txt': 'm\n' } });
    const result = (await rebase(candidate, base)) as { commit: string };
    expect(await git(kit.mirror, 'ls-tree', '--name-only', result.commit)).toBe('a.txt\nb.txt\nmine.txt');
  });

  it('reports conflicts with their hunks: content, deletion, names that need quoting', async () => {
    const strange = 'dïr/sp ace\nline.txt';
    const start = await kit.candidate(port, base, { write: { [strange]: 'x\n' } });
    const onto = await kit.candidate(port, start, {
      write: { 'a.txt': 'one\ntwo\nthree\nPLAN\nfive\nsix\nseven\n', [strange]: 'plan\n' },
      remove: ['b.txt'],
    });
    const candidate = await kit.candidate(port, start, {
      write: { 'a.txt': 'one\ntwo\nthree\nMINE\nfive\nsix\nseven\n', [strange]: 'mine\n', 'b.txt': 'mine\n' },
    });
    const result = await rebase(candidate, onto);
    if (result.kind !== 'conflict') throw new Error('expected a conflict');
    expect([...result.files].sort()).toEqual(['a.txt', 'b.txt', strange]);
    expect(result.hunks).toContain('<<<<<<< plan branch\nPLAN\n=======\nMINE\n>>>>>>> candidate\nfive');
    expect(result.hunks).toMatch(/CONFLICT \(modify\/delete\): b\.txt/);
    expect(result.hunks).not.toContain('one\ntwo\nthree\nfour');
  });

  it('bounds the hunks', async () => {
    const lines = (word: string): string =>
      Array.from({ length: 20_000 }, (_, n) => `${word} ${n}\n`).join('');
    const onto = await kit.candidate(port, base, { write: { 'big.txt': lines('plan') } });
    const candidate = await kit.candidate(port, base, { write: { 'big.txt': lines('mine') } });
    const result = await rebase(candidate, onto);
    expect(result).toMatchObject({ kind: 'conflict', files: ['big.txt'] });
    expect(Buffer.byteLength((result as { hunks: string }).hunks)).toBeLessThanOrEqual(64 * 1024);
  });

  it('takes one commit on one base only', async () => {
    const onto = await kit.candidate(port, base, { write: { x: 'x' } });
    await expect(rebase(base, onto)).rejects.toThrow('is not one commit on one base');
  });
});

describe('publishing', () => {
  const branch = 'planwright/12';
  const publish = (origin: string, commit: string, name = branch): ReturnType<GitPort['publish']> =>
    port.publish({ repositoryId: REPOSITORY, origin, branch: name, commit, left: [] });
  let origin: string;

  beforeEach(async () => {
    origin = await kit.folder.next('my origin');
    await git(kit.folder.path, 'clone', '--quiet', '--bare', kit.hub, origin);
  });

  it('creates a branch, advances it, and is done when the origin has the commit', async () => {
    const one = await kit.candidate(port, base, { write: { x: '1' } });
    const two = await kit.candidate(port, one, { write: { x: '2' } });
    await port.pushNew({ repositoryId: REPOSITORY, commit: two, ref: 'refs/heads/plan' });
    for (const commit of [one, two, two, one])
      expect(await publish(origin, commit)).toEqual({ kind: 'published' });
    expect(await git(origin, 'rev-parse', branch)).toBe(two);
  });

  it('overwrites nothing: a diverged branch is refused, and the command shown mends it', async () => {
    const mine = await kit.candidate(port, base, { write: { x: '1' } });
    await port.pushNew({ repositoryId: REPOSITORY, commit: mine, ref: 'refs/heads/plan' });
    const person = await createOrigin(await kit.folder.next('person'));
    const theirs = await git(person, 'rev-parse', 'HEAD');
    await git(person, 'push', '--quiet', origin, `HEAD:refs/heads/${branch}`);
    const refused = await publish(origin, mine);
    if (refused.kind !== 'refused') throw new Error('expected a refusal');
    expect(refused.reason).toContain(theirs);
    expect(await git(origin, 'rev-parse', branch)).toBe(theirs);
    const command = refused.remedy.slice(refused.remedy.indexOf('git -C'));
    execFileSync('sh', ['-c', command]);
    expect(await publish(origin, mine)).toEqual({ kind: 'published' });
    expect(await git(origin, 'rev-parse', `${branch}-${theirs.slice(0, 8)}`)).toBe(theirs);
  });

  it('shows why an origin refuses: a hook, a branch that is checked out, an origin that is gone', async () => {
    const mine = await kit.candidate(port, base, { write: { x: '1' } });
    await port.pushNew({ repositoryId: REPOSITORY, commit: mine, ref: 'refs/heads/plan' });
    await mkdir(join(origin, 'hooks'), { recursive: true });
    await writeFile(join(origin, 'hooks/pre-receive'), '#!/bin/sh\necho "branch is protected" >&2\nexit 1\n');
    await chmod(join(origin, 'hooks/pre-receive'), 0o755);
    expect(await publish(origin, mine)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('branch is protected'),
    });
    const checkout = await kit.folder.next('checkout');
    await git(kit.folder.path, 'clone', '--quiet', '--branch=plan', kit.hub, checkout);
    await git(checkout, 'reset', '--quiet', '--hard', base);
    const refused = await publish(checkout, mine, 'plan');
    expect(refused).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('is checked out'),
      remedy: expect.stringContaining('pull --ff-only'),
    });
    expect(await git(checkout, 'rev-parse', 'HEAD')).toBe(base);
    expect(await publish(join(checkout, 'none'), mine)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('nothing at'),
    });
  });
});
