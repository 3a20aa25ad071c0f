import { join } from 'node:path';
import { EngineHarness } from '#testing/engine-harness.js';
import { EngineWorker } from '#testing/engine-worker.js';
import { createOrigin, git } from '#testing/git-repositories.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { SnapshotReader } from '#store/queries/snapshot-reader.js';
import type { OriginDeps } from '../deps.js';
import { onPlan } from '../unit-of-work.js';
import { createCheckpoint } from './create-checkpoint.command.js';
import { createPlan } from './create-plan.command.js';
import { prune } from './prune.command.js';
import { previewRewind, rewindPlan } from './rewind-plan.command.js';
import { startPlan } from './start-plan.command.js';

/** Snapshots of real work: on a real database and in a real hub. */

/** Everything that a tree can hold, and every way in which it can change. */
const CHANGE_ALL = [
  'echo more >> text.txt',
  'rm gone.txt',
  'mv old.txt new.txt',
  "printf '\\000\\003' > data.bin",
  'chmod +x run.sh',
  'ln -s text.txt link',
  'echo fresh > untracked.txt',
].join(' && ');
/** The first attempt leaves something, and fails; the second one does it. */
const FAIL_FIRST = 'echo half > half.txt; [ $PLANWRIGHT_ATTEMPT = 2 ] || exit 1';
const tasks = [
  { key: 'all', title: 'all', executor: { command: CHANGE_ALL } },
  { key: 'half', title: 'half', executor: { command: FAIL_FIRST } },
];
const PLAN = { name: 'Snapshots', phases: [{ name: 'One', mode: 'sequential', tasks }] };
const LINES = Array.from({ length: 20 }, (_, n) => `line ${n}\n`).join('');

let kit: GitTestKit;
let engine: EngineHarness;
let worker: EngineWorker;
let deps: OriginDeps;
let actorId: string;
let planId: string;
let reader: SnapshotReader;

beforeAll(async () => {
  kit = await GitTestKit.create();
  engine = await EngineHarness.open();
  worker = await EngineWorker.open(engine, kit);
  deps = worker.deps;
  actorId = engine.stores.ownerId;
  reader = new SnapshotReader(engine.stores.db);
});
afterAll(async () => {
  await engine.close();
  await kit.remove();
});
beforeEach(async () => {
  const origin = await createOrigin(await kit.folder.next('origin'), {
    'text.txt': 'one\n',
    'gone.txt': 'x\n',
    'old.txt': LINES,
    'data.bin': Buffer.from([0, 1]),
    'run.sh': 'echo\n',
  });
  planId = (await createPlan(deps, { repository: origin, plan: { value: PLAN }, actorId })).id;
  await startPlan(deps, { planId, actorId });
  await worker.drain(planId);
  // The retry waits for its backoff.
  await engine.stores.db.planTask.updateMany({ where: { planId }, data: { notBefore: null } });
  await onPlan(deps, planId, async () => undefined);
  await worker.drain(planId);
});

const plan = () => engine.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
const place = (taskNumber: number) => ({ planId, taskNumber });
async function hub(...args: string[]): Promise<string> {
  return git(join(kit.hubBase, `${(await plan()).repositoryId}.git`), ...args);
}

async function shown(taskNumber: number) {
  const { items } = await reader.page(planId, { limit: 100, task: taskNumber });
  return items.reverse().map(({ kind, sequence, attempt, files }) => [sequence, kind, attempt, files.length]);
}

it('each attempt, success and failure is a numbered snapshot of its task', async () => {
  expect((await plan()).status).toBe('completed');
  expect(await shown(1)).toEqual([
    [1, 'before', 1, 0],
    [2, 'candidate', 1, 7],
    [3, 'landed', 1, 0],
  ]);
  expect(await shown(2)).toEqual([
    [1, 'before', 1, 0],
    [2, 'failed', 1, 1],
    [3, 'before', 2, 0],
    [4, 'candidate', 2, 1],
    [5, 'landed', 2, 0],
  ]);
});

it('a snapshot is a whole tree in the hub, and its diff tells every kind of change', async () => {
  const diff = await reader.ofSequence(place(1), 3);
  const shape = (diff?.files ?? []).map((file) => [
    file.status,
    file.oldPath ?? null,
    file.path,
    `${file.oldMode} ${file.newMode}`,
    file.binary ? 'binary' : `+${file.addedLines} -${file.removedLines}`,
  ]);
  expect(shape).toEqual([
    ['modified', null, 'data.bin', '100644 100644', 'binary'],
    ['deleted', null, 'gone.txt', '100644 000000', '+0 -1'],
    ['added', null, 'link', '000000 120000', '+1 -0'],
    ['renamed', 'old.txt', 'new.txt', '100644 100644', '+0 -0'],
    ['modified', null, 'run.sh', '100644 100755', '+0 -0'],
    ['modified', null, 'text.txt', '100644 100644', '+1 -0'],
    ['added', null, 'untracked.txt', '000000 100644', '+1 -0'],
  ]);
  const text = diff?.files?.find(({ path }) => path === 'text.txt')?.text;
  expect(text).toMatch(/@@ -1 \+1,2 @@\n one\n\+more\n$/);
  expect((await hub('ls-tree', '--name-only', diff?.to ?? '')).split('\n')).toEqual([
    'data.bin',
    'link',
    'new.txt',
    'run.sh',
    'text.txt',
    'untracked.txt',
  ]);
  const failed = await reader.ofSequence(place(2), 2);
  expect(await hub('show', `${failed?.to}:half.txt`)).toBe('half');
});

it('two snapshots of a task are compared by git', async () => {
  const diff = await reader.between(place(2), 3, 5);
  const files = await deps.git.diff({
    repositoryId: diff?.repositoryId ?? '',
    from: diff?.from ?? '',
    to: diff?.to ?? '',
  });
  expect(files.map(({ path, status }) => [path, status])).toEqual([['half.txt', 'added']]);
  expect(await reader.between(place(2), 3, 9)).toBeNull();
});

describe('a checkpoint', () => {
  it('names the tip, shows what changed since the one before, and can be gone back to', async () => {
    const { tipCommit } = await plan();
    await createCheckpoint(deps, { planId, actorId, name: 'done', task: 2 });
    expect(await reader.ofCheckpoint(place(1), 'done')).toMatchObject({ to: tipCommit });
    expect((await reader.ofCheckpoint(place(1), 'done'))?.files).toHaveLength(8);
    expect((await shown(2)).at(-1)).toEqual([6, 'checkpoint', null, 8]);
    const back = { planId, to: '1', keepIndependent: false };
    const { hash } = await previewRewind(deps, back);
    await rewindPlan(deps, { ...back, preview: hash, actorId });
    await createCheckpoint(deps, { planId, actorId, name: 'back' });
    const forth = { planId, to: 'done', keepIndependent: false };
    await rewindPlan(deps, { ...forth, preview: (await previewRewind(deps, forth)).hash, actorId });
    expect(await plan()).toMatchObject({ status: 'paused', tipCommit });
    expect((await reader.ofCheckpoint(place(1), 'back'))?.files?.map(({ path }) => path)).toEqual([
      'half.txt',
    ]);
    const created = await engine.stores.db.planEvent.findMany({
      where: { planId, type: 'snapshot.created' },
      orderBy: { seq: 'asc' },
    });
    expect(created.map(({ payload, actorId: by }) => [payload, by])).toMatchObject([
      [{ name: 'done', task: 2, commit: tipCommit }, actorId],
      [{ name: 'back', task: null }, actorId],
    ]);
  });

  it('has a name of its own, however many ask for it at once', async () => {
    const asked = await Promise.allSettled(
      [1, 2, 3].map(() => createCheckpoint(deps, { planId, actorId, name: 'mine' })),
    );
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(createCheckpoint(deps, { planId, actorId, name: 'mine' })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await reader.page(planId, { limit: 100, kind: 'checkpoint' })).items).toHaveLength(1);
  });
});

describe('pruning', () => {
  const age = async () => {
    const long = new Date(Date.now() - 40 * 86_400_000);
    await engine.stores.db.codeSnapshot.updateMany({ where: { planId }, data: { createdAt: long } });
    await engine.stores.db.plan.update({ where: { id: planId }, data: { finishedAt: long } });
  };
  const refs = async () => (await hub('for-each-ref', '--format=%(refname)', 'refs/planwright')).split('\n');

  it('says first what would go, and removes it only then', async () => {
    await createCheckpoint(deps, { planId, actorId, name: 'kept' });
    await age();
    const command = { planId, actorId, days: 30, confirm: false };
    const [before, seen] = [await refs(), await prune(deps, command)];
    expect(seen.plans).toMatchObject([{ snapshots: 5, diffs: 9, refs: 3 }]);
    expect(await refs()).toEqual(before);
    const done = await prune(deps, { ...command, confirm: true });
    expect(done.plans).toEqual(seen.plans);
    expect((await prune(deps, command)).plans).toEqual([]);
    const left = await refs();
    expect(before.filter((ref) => !left.includes(ref)).map((ref) => ref.split('/')[2])).toEqual([
      'candidates',
      'candidates',
      'failures',
    ]);
    expect(await reader.ofSequence(place(2), 2)).toMatchObject({ files: null, prunedAt: expect.any(Date) });
    // What landed is on the branch, and a checkpoint keeps its diff.
    expect(await reader.ofSequence(place(2), 5)).toMatchObject({ prunedAt: null });
    expect((await reader.ofCheckpoint(place(1), 'kept'))?.files).toHaveLength(8);
    expect(await shown(2)).toHaveLength(5);
    const event = await engine.stores.db.planEvent.findFirst({ where: { planId, type: 'snapshot.pruned' } });
    expect(event).toMatchObject({ actorId, payload: { snapshots: 5, refs: 3 } });
  });

  it('leaves what is young, and whatever a plan that has not ended may still need', async () => {
    const command = { planId, actorId, days: 30, confirm: true };
    expect((await prune(deps, command)).plans).toEqual([]);
    const back = { planId, to: 'base', keepIndependent: false };
    await rewindPlan(deps, { ...back, preview: (await previewRewind(deps, back)).hash, actorId });
    await age();
    expect((await prune(deps, command)).plans).toEqual([]);
  });

  it('takes only refs of an archived plan: its rows never change', async () => {
    await age();
    await engine.stores.db.plan.update({ where: { id: planId }, data: { status: 'archived', archive: {} } });
    const { plans } = await prune(deps, { planId, actorId, days: 30, confirm: true });
    expect(plans).toMatchObject([{ snapshots: 0, diffs: 0, refs: 3 }]);
    expect((await reader.ofSequence(place(1), 3))?.files).toHaveLength(7);
    const { tipCommit, branch } = await plan();
    expect(await hub('rev-parse', `refs/heads/${branch}`)).toBe(tipCommit);
  });
});
