import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitPort } from '#engine/ports/git.port.js';
import { createGit } from '#git/git-adapter.js';
import { unbundle } from '#git/unbundle.js';
import { TEST_PATH } from '#testing/git-repositories.js';
import { ServedHub } from '#testing/served-hub.js';

/** Archives in a hub that is reached by its address, and in one on this machine. */

const BRANCH = 'planwright/12-demo';
const GONE = '1'.repeat(40);

let hub: ServedHub;
let ports: Readonly<Record<'address' | 'path', GitPort>>;

beforeAll(async () => {
  hub = await ServedHub.start();
  ports = { address: await hub.worker(), path: await local() };
});
afterAll(async () => {
  await Promise.all(Object.values(ports).map((port) => port.close()));
  await hub.api.stop();
});

/** As the API has it, beside its hubs. */
async function local(): Promise<GitPort> {
  const home = await hub.api.folder.next('api');
  return createGit({ home, hubBase: join(hub.api.home, 'hubs'), path: TEST_PATH });
}

async function read(port: GitPort, blob: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const { repositoryId } = hub;
  for await (const piece of port.archives.readBlob({ repositoryId, blob })) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe.each(['address', 'path'] as const)('a hub that is known by its %s', (way) => {
  it('bundles what is there, stores and replaces it by comparison, and gives it back', async () => {
    const port = ports[way];
    const { repositoryId, base } = hub;
    const at = { repositoryId, planId: `plan-${way}` };
    const tip = await hub.candidate(port, base, `tip-${way}`);
    const other = await hub.candidate(ports.address, base, `other-${way}`);
    const ref = `refs/planwright/candidates/other-${way}`;
    await ports.address.pushNew({ repositoryId, commit: other, ref });
    const lane = { ...at, branch: `${BRANCH}-${way}` };
    const push = { ...lane, expectedTip: null, newTip: tip, expectedFence: null, fenceValue: 'a' };
    expect(await port.pushPlanBranch(push)).toEqual({ kind: 'pushed' });

    const bundle = await port.archives.bundlePlan({ ...lane, base, tip, commits: [base, other, GONE] });
    expect(bundle.missing).toEqual([GONE]);
    expect(Object.keys(bundle.refs).sort()).toEqual([
      `refs/heads/${lane.branch}`,
      `refs/planwright/base/${base}`,
      `refs/planwright/fence/${at.planId}`,
      `refs/planwright/graded/${other}`,
    ]);

    expect(await port.archives.readArchive(at)).toBeNull();
    const store = (expected: string | null, text: string) =>
      port.archives.storeArchive({
        ...at,
        expected,
        manifest: Buffer.from(text),
        envelope: Buffer.from('{}'),
        bundle: bundle.blob,
        message: { subject: 'Archive', timestamp: 1_700_000_000 },
      });
    const first = await store(null, 'one');
    expect(await store(null, 'one')).toBe(first);
    expect(await store(null, 'two')).toBeNull();
    const second = await store(first, 'two');
    const stored = await ports.address.archives.readArchive(at);
    expect(stored?.commit).toBe(second);
    expect((await read(ports.address, stored?.files['manifest.json'].blob ?? '')).toString()).toBe('two');

    const content = await read(ports.address, stored?.files['repo.bundle'].blob ?? '');
    expect(content.length).toBe(bundle.digest.size);
    const file = await hub.api.folder.next('repo.bundle');
    await writeFile(file, content);
    const home = await hub.api.folder.next('home');
    const config = { home, path: TEST_PATH };
    const unpacked = await unbundle(config, { gitDir: join(home, 'x.git'), file, shallow: base });
    expect(unpacked).toEqual({ problems: [], notes: [], refs: bundle.refs });
  });
});
