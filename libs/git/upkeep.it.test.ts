import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clutter, Stored } from '#engine/ports/upkeep.port.js';
import { Upkeep } from '#engine/upkeep/upkeep.js';
import { systemClock } from '#platform/runtime/system-clock.js';
import { git, writeFiles } from '#testing/git-repositories.js';
import { GitTestKit, message, REPOSITORY } from '#testing/git-test-kit.js';

/** Repacking real hubs and mirrors while workers push to them. */

const TASKS = 120;
const TIMEOUT = 180_000;

let kit: GitTestKit;

beforeEach(async () => {
  kit = await GitTestKit.create();
});
afterEach(() => kit.remove());

async function clutterOf(port: ReturnType<GitTestKit['worker']>, where: Stored): Promise<Clutter> {
  const found = (await port.upkeep.clutter(where)).find(({ repositoryId }) => repositoryId === REPOSITORY);
  if (found === undefined) throw new Error(`it is not among the ${where}`);
  return found;
}

/** Work of one task: a commit, pushed to a ref of its own. */
async function work(port: ReturnType<GitTestKit['worker']>, base: string, number: number): Promise<string> {
  const workspace = await port.openWorkspace({ repositoryId: REPOSITORY, commit: base, pool: 'executor' });
  await writeFiles(workspace.path, { [`src/${number}.ts`]: `export const n = ${number};\n`.repeat(20) });
  const { commit } = await workspace.commit(message(`Task ${number}`));
  await workspace.release();
  await port.pushNew({ repositoryId: REPOSITORY, commit, ref: `refs/planwright/candidates/${number}-1` });
  return commit;
}

it(
  'what many tasks made becomes few packs while pushes go on, and nothing is lost',
  async () => {
    const worker = kit.worker();
    const api = kit.worker('api');
    const base = await kit.imported(worker, { 'README.md': '# Demo\n' });
    const orphan = (await git(kit.hub, 'hash-object', '-w', 'HEAD')).trim();
    const commits: string[] = [];
    let working = true;
    const tending = (async () => {
      // Until the last push is done, and once more.
      for (let rounds = 0; working || rounds < 2; rounds += working ? 0 : 1) {
        await api.upkeep.repack({ where: 'hubs', repositoryId: REPOSITORY });
        await worker.upkeep.repack({ where: 'mirrors', repositoryId: REPOSITORY });
      }
    })();
    for (let number = 1; number <= TASKS; number += 1) commits.push(await work(worker, base, number));
    working = false;
    await tending;

    for (const where of ['hubs', 'mirrors'] as const) {
      const { loose, packs } = await clutterOf(where === 'hubs' ? api : worker, where);
      expect(loose).toBe(0);
      expect(packs).toBeLessThanOrEqual(10);
    }
    expect(await git(kit.hub, 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
    expect(await git(kit.mirror, 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
    // Nothing leads to it, and yet it is there.
    expect((await git(kit.hub, 'cat-file', '-t', orphan)).trim()).toBe('blob');
    const stranger = kit.worker('stranger');
    for (const commit of commits)
      expect(await stranger.treeOf({ repositoryId: REPOSITORY, commit })).toMatch(/^[0-9a-f]{40}$/);
  },
  TIMEOUT,
);

it('of two at once one does it, and the lock of a dead process holds nobody up', async () => {
  const [one, two] = [kit.worker('one'), kit.worker('two')];
  const base = await kit.imported(one, { 'README.md': '# Demo\n' });
  await work(one, base, 1);
  const of = { where: 'hubs', repositoryId: REPOSITORY } as const;
  const lock = join(kit.hub, 'planwright-upkeep.lock');
  // A process that lives, and is not this one.
  await writeFile(lock, String(process.ppid));
  expect(await one.upkeep.repack(of)).toBe(false);
  await writeFile(lock, '999999999');
  expect(await two.upkeep.repack(of)).toBe(true);
  await expect(stat(lock)).rejects.toThrow('ENOENT');
  const both = await Promise.all([two.upkeep.repack(of), two.upkeep.repack(of)]);
  expect(both.sort()).toEqual([false, true]);
});

it('what a killed process left half-written goes after a day, and not before', async () => {
  const worker = kit.worker();
  await kit.imported(worker, { 'README.md': '# Demo\n' });
  const objects = join(kit.hub, 'objects');
  await mkdir(join(objects, 'incoming-old'), { recursive: true });
  await mkdir(join(objects, 'incoming-new'), { recursive: true });
  await writeFile(join(objects, 'pack/tmp_pack_old'), 'half');
  const long = new Date((await stat(objects)).mtimeMs - 25 * 60 * 60 * 1_000);
  for (const name of ['incoming-old', 'pack/tmp_pack_old']) await utimes(join(objects, name), long, long);
  await worker.upkeep.repack({ where: 'hubs', repositoryId: REPOSITORY });
  expect((await readdir(objects)).filter((name) => name.startsWith('incoming'))).toEqual(['incoming-new']);
  expect(await readdir(join(objects, 'pack'))).not.toContain('tmp_pack_old');
});

it('a busy hub is left alone until it is quiet, and one that cannot be repacked holds up no other', async () => {
  const worker = kit.worker();
  const base = await kit.imported(worker, { 'README.md': '# Demo\n' });
  for (let number = 1; number <= 12; number += 1) await work(worker, base, number);
  await mkdir(join(kit.hubBase, 'broken.git/objects/pack'), { recursive: true });
  for (let number = 0; number < 120; number += 1)
    await writeFile(join(kit.hubBase, `broken.git/objects/pack/${number}.pack`), '');
  const said: unknown[] = [];
  const log = (level: string) => (details: object, text: string) => void said.push([level, text, details]);
  const logs = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  const upkeep = new Upkeep({ git: worker, clock: systemClock, log: logs }, ['hubs'], 1);
  const before = await clutterOf(worker, 'hubs');
  await upkeep.tick();
  expect(said).toEqual([['warn', expect.stringContaining('could not be repacked'), expect.anything()]]);
  expect(await clutterOf(worker, 'hubs')).toMatchObject({ loose: before.loose, packs: before.packs });
});
