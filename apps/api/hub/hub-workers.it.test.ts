import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitPort } from '#engine/ports/git.port.js';
import { git } from '#testing/git-repositories.js';
import { commitFile, ServedHub } from '#testing/served-hub.js';

const PLAN = 'plan-1';
const BRANCH = 'planwright/12-demo';

let hub: ServedHub;
let worker: GitPort;

beforeAll(async () => {
  hub = await ServedHub.start();
  worker = await hub.worker();
});

afterAll(async () => {
  await worker.close();
  await hub.api.stop();
});

describe('a worker of another host', () => {
  it('reads, pushes candidates and moves the lane by the address alone', async () => {
    const first = await hub.candidate(worker, hub.base, 'first');
    const ref = 'refs/planwright/candidates/first-1';
    await worker.pushNew({ repositoryId: hub.repositoryId, commit: first, ref });
    await worker.pushNew({ repositoryId: hub.repositoryId, commit: first, ref });
    expect(await hub.refs()).toContain(ref);
    const lane = { repositoryId: hub.repositoryId, planId: PLAN, branch: BRANCH };
    expect(await worker.readLane(lane)).toEqual({ tip: null, fence: null });
    const push = { ...lane, expectedTip: null, newTip: first, expectedFence: null, fenceValue: 'a' };
    expect(await worker.pushPlanBranch(push)).toEqual({ kind: 'pushed' });
    const other = await hub.worker();
    const { tip, fence } = await other.readLane(lane);
    expect(tip).toBe(first);
    expect(
      (await other.diff({ repositoryId: hub.repositoryId, from: hub.base, to: first })).map(
        ({ path }) => path,
      ),
    ).toEqual(['first']);
    expect(
      (await other.moveFence({ repositoryId: hub.repositoryId, planId: PLAN, expected: fence, value: 'b' }))
        .moved,
    ).toBe(true);
    await other.close();
  });

  it('is refused a ref that exists with something else', async () => {
    const [one, two] = [
      await hub.candidate(worker, hub.base, 'one'),
      await hub.candidate(worker, hub.base, 'two'),
    ];
    const ref = 'refs/planwright/candidates/taken-1';
    await worker.pushNew({ repositoryId: hub.repositoryId, commit: one, ref });
    await expect(worker.pushNew({ repositoryId: hub.repositoryId, commit: two, ref })).rejects.toThrow(
      'exists already',
    );
    expect(await git(hub.folder, 'rev-parse', ref)).toBe(one);
  });

  it('moves branch and fence together or not at all, and one of two racing pushes wins', async () => {
    const rival = await hub.worker();
    const lane = { repositoryId: hub.repositoryId, planId: 'plan-race', branch: 'planwright/13-race' };
    for (let round = 0; round < 4; round += 1) {
      const { tip, fence } = await worker.readLane(lane);
      const from = tip ?? hub.base;
      const tips = [
        await hub.candidate(worker, from, `mine-${round}`),
        await hub.candidate(rival, from, `theirs-${round}`),
      ];
      const results = await Promise.all(
        [worker, rival].map((port, index) =>
          port.pushPlanBranch({
            ...lane,
            expectedTip: tip,
            newTip: tips[index] ?? '',
            expectedFence: fence,
            fenceValue: `${round}-${index}`,
          }),
        ),
      );
      expect(results.map(({ kind }) => kind).sort()).toEqual(['pushed', 'refused']);
      const winner = results.findIndex(({ kind }) => kind === 'pushed');
      const after = await worker.readLane(lane);
      expect(after.tip).toBe(tips[winner]);
      expect(await git(hub.folder, 'cat-file', 'blob', after.fence ?? '')).toContain(
        `${round}-${winner} ${after.tip}`,
      );
    }
    const { tip, fence } = await worker.readLane(lane);
    const stale = { ...lane, expectedTip: tip, newTip: await hub.candidate(worker, tip ?? '', 'stale') };
    const moved = await worker.moveFence({
      repositoryId: hub.repositoryId,
      planId: lane.planId,
      expected: fence,
      value: 'moved',
    });
    const refused = await worker.pushPlanBranch({ ...stale, expectedFence: fence, fenceValue: 'late' });
    expect(refused).toMatchObject({ kind: 'refused', reason: expect.stringContaining('fence') as string });
    expect(await worker.readLane(lane)).toEqual({ tip, fence: moved.fence });
    await rival.close();
  });

  it('fetches only what it lacks', async () => {
    const path = await hub.clone();
    const big = await commitFile(path, 'big.bin', randomBytes(3_000_000));
    const ref = 'refs/planwright/candidates/big-1';
    expect((await hub.git(path, hub.api.workerToken, 'push', '--quiet', hub.url, `${big}:${ref}`)).code).toBe(
      0,
    );
    const home = await hub.api.folder.next('worker');
    const port = await hub.worker(hub.api.workerToken, home);
    await port.diff({ repositoryId: hub.repositoryId, from: hub.base, to: big });
    const small = await commitFile(path, 'small.txt');
    await hub.git(
      path,
      hub.api.workerToken,
      'push',
      '--quiet',
      hub.url,
      `${small}:refs/planwright/candidates/small-1`,
    );
    const count = async (): Promise<string> => {
      const mirror = join(home, 'mirrors', `${hub.repositoryId}.git`);
      return /size: (\d+)/.exec(await git(mirror, 'count-objects', '-v'))?.[1] ?? '';
    };
    const before = Number(await count());
    await port.diff({ repositoryId: hub.repositoryId, from: big, to: small });
    expect(Number(await count()) - before).toBeLessThan(100);
    await port.close();
  });

  it('pushes a candidate of 30 MB', async () => {
    const path = await hub.clone();
    const content = randomBytes(30 * 2 ** 20);
    const commit = await commitFile(path, 'huge.bin', content);
    const ref = 'refs/planwright/candidates/huge-1';
    const pushed = await hub.git(path, hub.api.workerToken, 'push', '--quiet', hub.url, `${commit}:${ref}`);
    expect(pushed).toMatchObject({ code: 0 });
    const size = await git(hub.folder, 'cat-file', '-s', `${ref}:huge.bin`);
    expect(Number(size)).toBe(content.length);
    const fetched = await hub.worker();
    const blob = (await fetched.blobs(hub.repositoryId).tree(commit)).at('huge.bin');
    expect(blob?.size).toBe(content.length);
    await fetched.close();
  });

  it('keeps its token out of addresses, arguments and files', async () => {
    const home = await hub.api.folder.next('worker');
    const port = await hub.worker(hub.api.workerToken, home);
    await port.pushNew({
      repositoryId: hub.repositoryId,
      commit: await hub.candidate(port, hub.base, 'quiet'),
      ref: 'refs/planwright/candidates/quiet-1',
    });
    await port.close();
    const secrets = [hub.api.workerToken, Buffer.from(`worker:${hub.api.workerToken}`).toString('base64')];
    const files = (await readdir(home, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    for (const { parentPath, name } of files) {
      const text = await readFile(join(parentPath, name), 'latin1');
      for (const secret of secrets) expect(text.includes(secret)).toBe(false);
    }
    const wrong = await hub.worker('x'.repeat(43));
    const error: Error = await wrong
      .readLane({ repositoryId: hub.repositoryId, planId: PLAN, branch: BRANCH })
      .then(
        () => new Error('it was let in'),
        (reason: Error) => reason,
      );
    expect(error.message).toMatch(/Authentication failed|could not read Username|401/);
    expect(error.message).not.toContain('xxxx');
    await wrong.close();
  });
});
