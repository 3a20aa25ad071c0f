import type { GitPort, PlanPush } from '#engine/ports/git.port.js';
import { git } from '#testing/git-repositories.js';
import { GitTestKit, PLAN, REPOSITORY } from '#testing/git-test-kit.js';

const BRANCH = 'planwright/12-demo';

let kit: GitTestKit;
let port: GitPort;
let base: string;

beforeEach(async () => {
  kit = await GitTestKit.create();
  port = kit.worker();
  base = await kit.imported(port, { 'a.txt': 'a\n' });
});
afterEach(() => kit.remove());

const lane = (): ReturnType<GitPort['readLane']> =>
  port.readLane({ repositoryId: REPOSITORY, planId: PLAN, branch: BRANCH });
const push = (leases: {
  readonly expectedTip: string | null;
  readonly expectedFence: string | null;
  readonly newTip: string;
  readonly fenceValue: string;
}): Promise<PlanPush> =>
  port.pushPlanBranch({ repositoryId: REPOSITORY, planId: PLAN, branch: BRANCH, ...leases });

describe('taking a plan branch back', () => {
  const LINEAGE = `refs/planwright/lineage/${PLAN}/1`;
  const rewind = (from: string, to: string, worker = port): Promise<PlanPush> =>
    worker.rewindPlanBranch({
      repositoryId: REPOSITORY,
      planId: PLAN,
      branch: BRANCH,
      lineage: 1,
      from,
      to,
      fenceValue: 'rewound-1',
    });
  let one: string;
  let two: string;

  beforeEach(async () => {
    one = await kit.candidate(port, base, { write: { x: '1' } });
    two = await kit.candidate(port, one, { write: { x: '2' } });
    await push({ expectedTip: null, expectedFence: null, newTip: one, fenceValue: 'first' });
    const { fence: held } = await lane();
    await push({ expectedTip: one, expectedFence: held, newTip: two, fenceValue: 'second' });
  });

  it('moves branch and fence, keeps what is left, and is done once however often it is asked for', async () => {
    const before = await lane();
    const pushes = await Promise.all([
      rewind(two, one),
      rewind(two, one, kit.worker('other')),
      rewind(two, one),
    ]);
    expect(pushes).toEqual([{ kind: 'pushed' }, { kind: 'pushed' }, { kind: 'pushed' }]);
    const after = await lane();
    expect(after.tip).toBe(one);
    expect(after.fence).not.toBe(before.fence);
    expect(await git(kit.hub, 'rev-parse', LINEAGE)).toBe(two);
    // What came after it is not taken back by somebody who asks late.
    const next = await kit.candidate(port, one, { write: { y: '1' } });
    await push({ expectedTip: one, expectedFence: after.fence, newTip: next, fenceValue: 'third' });
    expect(await rewind(two, one)).toEqual({ kind: 'pushed' });
    expect((await lane()).tip).toBe(next);
  });

  it('refuses whoever had prepared a push, though the tip is back where they expect it', async () => {
    const { fence: held } = await lane();
    const back = await rewind(two, one);
    expect(back.kind).toBe('pushed');
    const late = await kit.candidate(port, one, { write: { z: '1' } });
    expect(
      await push({ expectedTip: one, expectedFence: held, newTip: late, fenceValue: 'integration-1' }),
    ).toEqual({ kind: 'refused', reason: expect.stringContaining('fence of the plan moved') });
  });

  it('goes over to commits that are no descendants, and refuses a branch that somebody else moved', async () => {
    const other = await kit.candidate(port, base, { write: { o: '1' } });
    expect(await rewind(one, base)).toMatchObject({ kind: 'refused', reason: expect.stringContaining(two) });
    expect((await lane()).tip).toBe(two);
    await port.pushNew({ repositoryId: REPOSITORY, commit: other, ref: 'refs/planwright/lineage/other/1' });
    expect(await rewind(two, other)).toEqual({ kind: 'pushed' });
    expect((await lane()).tip).toBe(other);
  });
});

describe('refs of the hub', () => {
  it('are removed where they are still as they were seen', async () => {
    const commit = await kit.candidate(port, base, { write: { x: '1' } });
    const folder = 'refs/planwright/candidates/';
    for (const name of ['a-1', 'b-1', 'c-1'])
      await port.pushNew({ repositoryId: REPOSITORY, commit, ref: `${folder}${name}` });
    const refs = await port.listRefs({ repositoryId: REPOSITORY, under: [folder] });
    expect(refs.map(({ ref }) => ref)).toEqual([`${folder}a-1`, `${folder}b-1`, `${folder}c-1`]);
    await git(kit.hub, 'update-ref', `${folder}b-1`, base);
    await git(kit.hub, 'update-ref', '-d', `${folder}c-1`);
    await port.deleteRefs({ repositoryId: REPOSITORY, refs });
    expect(await port.listRefs({ repositoryId: REPOSITORY, under: [folder] })).toEqual([
      { ref: `${folder}b-1`, commit: base },
    ]);
  });
});

describe('publishing after a rewind', () => {
  const branch = BRANCH;
  const publish = (
    origin: string,
    commit: string,
    left: readonly string[] = [],
  ): ReturnType<GitPort['publish']> =>
    port.publish({ repositoryId: REPOSITORY, origin, branch, commit, left });

  it('takes a branch back from what was left there, and from nothing else', async () => {
    const origin = await kit.folder.next('my origin');
    await git(kit.folder.path, 'clone', '--quiet', '--bare', kit.hub, origin);
    const one = await kit.candidate(port, base, { write: { x: '1' } });
    const two = await kit.candidate(port, one, { write: { x: '2' } });
    const other = await kit.candidate(port, one, { write: { y: '2' } });
    for (const [name, commit] of Object.entries({ two, other }))
      await port.pushNew({ repositoryId: REPOSITORY, commit, ref: `refs/heads/${name}` });
    await publish(origin, two);
    expect(await publish(origin, one, [two])).toEqual({ kind: 'published' });
    expect(await git(origin, 'rev-parse', branch)).toBe(one);
    await publish(origin, two);
    expect(await publish(origin, other, [two])).toEqual({ kind: 'published' });
    expect(await git(origin, 'rev-parse', branch)).toBe(other);

    // A person went on from what the plan has left since, or from what it has still.
    const person = await kit.folder.next('person');
    await git(kit.folder.path, 'clone', '--quiet', `--branch=${branch}`, origin, person);
    const goOn = async (from: string): Promise<string> => {
      await git(person, 'reset', '--quiet', '--hard', from);
      await git(person, 'commit', '--quiet', '--allow-empty', '-m', `on ${from}`);
      await git(person, 'push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${branch}`);
      return git(person, 'rev-parse', 'HEAD');
    };
    const onLeft = await goOn(other);
    expect(await publish(origin, one, [two, other])).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(onLeft),
    });
    expect(await git(origin, 'rev-parse', branch)).toBe(onLeft);
    const onKept = await goOn(one);
    expect(await publish(origin, one, [two, other])).toEqual({ kind: 'published' });
    expect(await git(origin, 'rev-parse', branch)).toBe(onKept);
  });
});
