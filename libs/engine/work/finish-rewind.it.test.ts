import { join } from 'node:path';
import { decidePause } from '#domain/plan/decisions/control-plan.js';
import type { PlanView } from '#contracts/api/plans.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { EngineWorker } from '#testing/engine-worker.js';
import { createOrigin, git } from '#testing/git-repositories.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { createPlan } from '../commands/create-plan.command.js';
import { publishPlan } from '../commands/publish-plan.command.js';
import { resumePlan } from '../commands/resume-plan.command.js';
import { previewRewind, rewindPlan } from '../commands/rewind-plan.command.js';
import { startPlan } from '../commands/start-plan.command.js';
import type { OriginDeps } from '../deps.js';
import { Reconciler } from './reconcile.js';

/** Rewinds on a real database, a real queue and real git. */

const append = (file: string, text: string) => ({ command: `echo ${text} >> ${file}.txt` });
const task = (key: string, file: string, more: object = {}) => ({
  key,
  title: key,
  executor: append(file, key),
  ...more,
});
/** a, then b and c side by side, then d which goes on in the file of b, then a look at it all; behind them e. */
const PLAN = {
  name: 'Files',
  concurrency: 1,
  phases: [
    {
      name: 'First',
      mode: 'parallel',
      tasks: [
        task('a', 'a'),
        task('b', 'b', { dependsOn: ['a'] }),
        task('c', 'c', { dependsOn: ['a'] }),
        task('d', 'b', { dependsOn: ['c'] }),
        { key: 'look', title: 'look', executor: { command: 'true' }, effect: 'none', dependsOn: ['d'] },
      ],
    },
    { name: 'Second', mode: 'sequential', tasks: [task('e', 'e', { assignedTo: 'Ada' })] },
  ],
};

let kit: GitTestKit;
let engine: EngineHarness;
let worker: EngineWorker;
let deps: OriginDeps;
let actorId: string;
let origin: string;
let planId: string;

beforeAll(async () => {
  kit = await GitTestKit.create();
  engine = await EngineHarness.open();
  worker = await EngineWorker.open(engine, kit);
  deps = worker.deps;
  actorId = engine.stores.ownerId;
});
afterAll(async () => {
  await engine.close();
  await kit.remove();
});
beforeEach(async () => {
  origin = await createOrigin(await kit.folder.next('origin'), { 'readme.md': 'hello\n' });
  planId = (await createPlan(deps, { repository: origin, plan: { value: PLAN }, actorId })).id;
  await startPlan(deps, { planId, actorId });
  await worker.drain(planId);
});

function plan() {
  return engine.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
}

async function tasks(): Promise<Record<string, string>> {
  const rows = await engine.stores.db.planTask.findMany({ where: { planId }, orderBy: { number: 'asc' } });
  return Object.fromEntries(rows.map(({ key, status }) => [key, status]));
}

async function phases(): Promise<string[]> {
  const rows = await engine.stores.db.phase.findMany({ where: { planId }, orderBy: { position: 'asc' } });
  return rows.map(({ status }) => status);
}

async function events(): Promise<string[]> {
  const rows = await engine.stores.db.planEvent.findMany({ where: { planId }, orderBy: { seq: 'asc' } });
  return rows.map(({ type }) => type);
}

async function hub(...args: string[]): Promise<string> {
  return git(join(kit.hubBase, `${(await plan()).repositoryId}.git`), ...args);
}

async function branch(): Promise<string[]> {
  const { baseCommit, branch: name } = await plan();
  return (await hub('log', '--reverse', '--format=%s', `${baseCommit}..refs/heads/${name}`)).split('\n');
}

async function commitOf(key: string): Promise<string> {
  const { commitSha } = await engine.stores.db.planTask.findFirstOrThrow({ where: { planId, key } });
  return commitSha ?? '';
}

/** As a person does it: looks at the preview, and agrees to it. */
async function rewind(to: string, keepIndependent = false, over: OriginDeps = deps) {
  const seen = await previewRewind(deps, { planId, to, keepIndependent });
  await rewindPlan(over, { planId, to, keepIndependent, preview: seen.hash, actorId });
  return seen;
}

const DONE = {
  a: 'completed',
  b: 'completed',
  c: 'completed',
  d: 'completed',
  look: 'completed',
  e: 'completed',
};
type Status = PlanView['status'];
const is = async (status: Status) => expect((await plan()).status).toBe(status);

describe('a plan that is rewound', () => {
  it('gives a task that begins again to whom it was given, by whoever rewound', async () => {
    const rows = async () => {
      const found = await engine.stores.db.taskAssignment.findMany({
        where: { task: { planId } },
        orderBy: { assignedAt: 'asc' },
      });
      return found.map(({ status, assignedBy }) => [status, assignedBy]);
    };
    expect(await rows()).toEqual([['completed', actorId]]);
    await rewind('2');
    expect(await rows()).toEqual([
      ['completed', actorId],
      ['assigned', actorId],
    ]);
    await resumePlan(deps, { planId, actorId });
    await worker.drain(planId);
    expect((await rows()).map(([status]) => status)).toEqual(['completed', 'completed']);
  });

  it('has the tree of the commit it went back to, and goes on from there', async () => {
    expect([await tasks(), (await plan()).status]).toEqual([DONE, 'completed']);
    const [aim, old] = [await commitOf('b'), (await plan()).tipCommit];
    const seen = await rewind('2');
    expect(seen.files.map(({ path, status }) => [path, status])).toEqual([
      ['b.txt', 'modified'],
      ['c.txt', 'deleted'],
      ['e.txt', 'deleted'],
    ]);
    expect(seen.rewind.reset.map(({ number }) => number)).toEqual([3, 4, 5, 6]);
    const { branch: name, tipCommit, epoch, finishedAt, status } = await plan();
    expect({ tipCommit, epoch, finishedAt, status }).toEqual({
      tipCommit: aim,
      epoch: 2,
      finishedAt: null,
      status: 'paused',
    });
    expect(await hub('rev-parse', `refs/heads/${name}^{tree}`)).toBe(await hub('rev-parse', `${aim}^{tree}`));
    expect(await hub('rev-parse', `refs/planwright/lineage/${planId}/1`)).toBe(old);
    expect(await tasks()).toEqual({
      a: 'completed',
      b: 'completed',
      c: 'ready',
      d: 'pending',
      look: 'pending',
      e: 'pending',
    });
    expect(await phases()).toEqual(['running', 'pending']);
    expect((await events()).slice(-3)).toEqual(['plan.rewinding', 'plan.rewound', 'plan.paused']);

    await resumePlan(deps, { planId, actorId });
    await worker.drain(planId);
    expect([await tasks(), await phases()]).toEqual([DONE, ['completed', 'completed']]);
    await is('completed');
    expect(await branch()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await hub('rev-parse', `refs/heads/${name}^{tree}`)).toBe(await hub('rev-parse', `${old}^{tree}`));
  });

  it('keeps its attempts as history, and its iteration says what happened', async () => {
    await rewind('before/3');
    const attempts = await engine.stores.db.taskAttempt.findMany({ where: { planId } });
    expect(attempts.map(({ status }) => status)).toEqual(Array<string>(6).fill('passed'));
    const [iteration] = await engine.stores.db.planIteration.findMany({ where: { planId, kind: 'rewind' } });
    expect(iteration).toMatchObject({ actorId, summary: 'Rewound to before/3' });
    expect(iteration?.changes).toMatchObject([{ reset: [3, 4, 5, 6], kept: [] }]);
  });

  it('can be taken back', async () => {
    const before = await plan();
    await rewind('base');
    expect(await tasks()).toMatchObject({ a: 'ready', e: 'pending' });
    expect((await plan()).tipCommit).toBe(before.baseCommit);
    const seen = await rewind('lineage/1');
    expect(seen.rewind.restored.map(({ task: { number } }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    expect([await tasks(), await phases()]).toEqual([DONE, ['completed', 'completed']]);
    expect((await plan()).tipCommit).toBe(before.tipCommit);
    await resumePlan(deps, { planId, actorId });
    await is('completed');
    expect(await branch()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('is published where it went back to, and nothing of anybody else is overwritten', async () => {
    await publishPlan(deps, planId);
    const { branch: name, tipCommit: old } = await plan();
    expect(await git(origin, 'rev-parse', name)).toBe(old);
    await rewind('1');
    await publishPlan(deps, planId);
    const { tipCommit } = await plan();
    expect(await git(origin, 'rev-parse', name)).toBe(tipCommit);
    expect(await plan()).toMatchObject({ publishedCommit: tipCommit, publishError: null });

    await git(origin, 'checkout', '--quiet', name);
    await git(origin, 'commit', '--quiet', '--allow-empty', '-m', 'mine');
    const mine = await git(origin, 'rev-parse', 'HEAD');
    await git(origin, 'checkout', '--quiet', 'main');
    await rewind('base');
    await publishPlan(deps, planId);
    expect(await git(origin, 'rev-parse', name)).toBe(mine);
    expect((await plan()).publishError).toContain('has commits that are not in the plan');
  });
});

describe('keeping what is independent', () => {
  it('lets go what depends on the first that is undone, or changed its files, and integrates the rest again', async () => {
    await rewind('before/2', true);
    // b goes; d changed the file of b, look is behind d, e is in the phase after. c is kept.
    expect(await tasks()).toEqual({
      a: 'completed',
      b: 'ready',
      c: 'verifying',
      d: 'pending',
      look: 'pending',
      e: 'pending',
    });
    await is('pausing');
    await worker.drain(planId);
    await is('paused');
    expect(await tasks()).toMatchObject({ b: 'ready', c: 'completed', d: 'ready' });
    expect(await branch()).toEqual(['a', 'c']);
    await resumePlan(deps, { planId, actorId });
    await worker.drain(planId);
    expect(await tasks()).toEqual(DONE);
    expect((await branch()).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});

describe('what a person agreed to', () => {
  it('is refused when it is not true any more', async () => {
    const seen = await previewRewind(deps, { planId, to: '2', keepIndependent: false });
    await rewind('3');
    await expect(
      rewindPlan(deps, { planId, to: '2', keepIndependent: false, preview: seen.hash, actorId }),
    ).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('something else by now') });
  });

  it('is refused while the plan runs', async () => {
    await rewind('base');
    await resumePlan(deps, { planId, actorId });
    await expect(rewind('base')).rejects.toMatchObject({ code: 'conflict', remedy: 'Pause it first.' });
    await engine.stores.onPlan(planId, async (tx) =>
      tx.apply(decidePause(tx.plan, await tx.queued(), null), actorId),
    );
    await expect(rewind('base')).rejects.toThrow('stands at "base" already');
  });
});

describe('a rewind that stops in the middle', () => {
  const dying = (when: 'before' | 'after'): OriginDeps => ({
    ...deps,
    git: {
      ...deps.git,
      async rewindPlanBranch(input) {
        if (when === 'after') await deps.git.rewindPlanBranch(input);
        throw new Error('killed');
      },
    },
  });

  it.each(['before', 'after'] as const)('%s its push is ended by reconcilers, once', async (when) => {
    const aim = await commitOf('a');
    await rewind('1', false, dying(when));
    await is('rewinding');
    await Promise.all([new Reconciler(deps).tick(), new Reconciler(deps).tick()]);
    await is('paused');
    expect(await plan()).toMatchObject({ tipCommit: aim });
    expect((await events()).filter((type) => type === 'plan.rewound')).toHaveLength(1);
    await resumePlan(deps, { planId, actorId });
    await worker.drain(planId);
    expect(await branch()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('is undone where somebody else moved the branch, and says so', async () => {
    const { branch: name, baseCommit, tipCommit } = await plan();
    await hub('update-ref', `refs/heads/${name}`, baseCommit);
    await rewind('1');
    expect(await plan()).toMatchObject({
      status: 'paused',
      tipCommit,
      pauseNote: expect.stringContaining('somebody else moved it'),
    });
    expect(await tasks()).toEqual(DONE);
  });
});
