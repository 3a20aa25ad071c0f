import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decideCancel } from '#domain/plan/decisions/cancel-plan.js';
import { decideClaimIntegration, decideIntent } from '#domain/plan/decisions/integration.js';
import type { GitPort } from '#engine/ports/git.port.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { createOrigin } from '#testing/git-repositories.js';
import { GitTestKit, message } from '#testing/git-test-kit.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { cancelPlan } from '../commands/cancel-plan.command.js';
import { retryTask } from '../commands/retry-task.command.js';
import type { OriginDeps } from '../deps.js';
import { Reconciler } from './reconcile.js';

let kit: GitTestKit;
let git: GitPort;
let engine: EngineHarness;
let deps: OriginDeps;
let scenes: StoreScenes;
let actorId: string;
let repositoryId: string;
let base: string;

beforeAll(async () => {
  kit = await GitTestKit.create();
  engine = await EngineHarness.open();
  git = kit.worker('api');
  deps = { ...engine.deps, git };
  scenes = new StoreScenes(engine.stores);
  ({ ownerId: actorId, repositoryId } = engine.stores);
  const origin = await createOrigin(await kit.folder.next('origin'), { 'a.txt': 'a\n' });
  base = (await git.importBase({ repositoryId, origin, base: null })).commit;
});
afterAll(async () => {
  await engine.close();
  await kit.remove();
});

const PHASES = [
  { tasks: [{ key: 'a' }, { key: 'b' }, { key: 'c', dependsOn: ['a'] }] },
  { tasks: [{ key: 'd' }] },
];

/** Task 1 is about to be pushed, task 2 executes, the others wait. @returns the push that was prepared */
async function aboutToPush(executor: GitPort) {
  const planId = await scenes.running(PHASES, 4, { baseCommit: base });
  await scenes.claimed(planId, 2);
  const integration = await scenes.integrating(planId, 1);
  const { id } = integration;
  const { branch } = await plan(planId);
  const workspace = await executor.openWorkspace({ repositoryId, commit: base, pool: 'executor' });
  await writeFile(join(workspace.path, 'b.txt'), planId);
  const { commit } = await workspace.commit(message('b'));
  await workspace.release();
  const lane = await executor.readLane({ repositoryId, planId, branch });
  await engine.stores.onPlan(planId, async (tx) => {
    const claim = decideClaimIntegration(tx.plan, integration, null, false);
    if (claim === null) throw new Error('the lane cannot be claimed');
    await tx.apply(claim, actorId);
  });
  await engine.stores.onPlan(planId, async (tx) => {
    const held = await tx.integration(id);
    if (held === null) throw new Error('the integration is gone');
    await tx.apply(decideIntent(tx.plan, held, base, commit), actorId);
  });
  const push = () =>
    executor.pushPlanBranch({
      repositoryId,
      planId,
      branch,
      expectedTip: lane.tip,
      newTip: commit,
      expectedFence: lane.fence,
      fenceValue: `${id}-1-landed`,
    });
  return { planId, integrationId: id, commit, branch, push };
}

function plan(planId: string) {
  return engine.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
}

async function statuses(planId: string) {
  const { db } = engine.stores;
  const where = { planId };
  const status = (rows: readonly { readonly status: string }[]) => rows.map((row) => row.status);
  return {
    plan: (await plan(planId)).status,
    phases: status(await db.phase.findMany({ where, orderBy: { position: 'asc' } })),
    tasks: status(await db.planTask.findMany({ where, orderBy: { number: 'asc' } })),
    attempts: status(await db.taskAttempt.findMany({ where, orderBy: { task: { number: 'asc' } } })),
    integrations: status(await db.integration.findMany({ where })),
  };
}

async function events(planId: string): Promise<string[]> {
  const rows = await engine.stores.db.planEvent.findMany({ where: { planId }, orderBy: { seq: 'asc' } });
  return rows.map((row) => row.type);
}

const ALL_CANCELLED = {
  plan: 'cancelled',
  phases: ['cancelled', 'cancelled'],
  tasks: ['cancelled', 'cancelled', 'cancelled', 'cancelled'],
  attempts: ['cancelled', 'cancelled'],
  integrations: ['cancelled'],
};
const FIRST_LANDED = {
  ...ALL_CANCELLED,
  tasks: ['completed', 'cancelled', 'cancelled', 'cancelled'],
  attempts: ['passed', 'cancelled'],
  integrations: ['landed'],
};

describe('cancelling while a push is prepared', () => {
  it('completes the task whose commit reached the branch, and cancels all else', async () => {
    // A worker of another home: what it rebased is known to nobody else before it is pushed.
    const { planId, commit, push } = await aboutToPush(kit.worker('executor'));
    expect(await push()).toEqual({ kind: 'pushed' });
    await cancelPlan(deps, { planId, actorId, note: 'enough' });
    expect(await statuses(planId)).toEqual(FIRST_LANDED);
    expect(await plan(planId)).toMatchObject({ tipCommit: commit, activeTasks: 0, epoch: 2 });
    const task = await engine.stores.db.planTask.findFirstOrThrow({ where: { planId, number: 1 } });
    expect(task).toMatchObject({ commitSha: commit, verified: true });
    expect((await events(planId)).slice(-4)).toEqual([
      'plan.cancelling',
      'task.integrated',
      'task.completed',
      'plan.cancelled',
    ]);
    expect(await engine.stores.db.outbox.count({ where: { planId, kind: 'publish' } })).toBe(1);
  });

  it('cancels the task whose commit did not, and refuses the push when it comes at last', async () => {
    const { planId, branch, push } = await aboutToPush(kit.worker('executor'));
    await cancelPlan(deps, { planId, actorId });
    expect(await statuses(planId)).toEqual(ALL_CANCELLED);
    expect(await plan(planId)).toMatchObject({ tipCommit: base, activeTasks: 0 });
    expect(await push()).toMatchObject({ kind: 'refused' });
    expect((await git.readLane({ repositoryId, planId, branch })).tip).toBeNull();
  });

  it.each([
    ['pushed', FIRST_LANDED],
    ['not pushed', ALL_CANCELLED],
  ])('is brought to its end by the reconciler after a crash, when it was %s', async (how, expected) => {
    const { planId, push } = await aboutToPush(kit.worker('executor'));
    await engine.stores.onPlan(planId, (tx) => tx.apply(decideCancel(tx.plan, null), actorId));
    if (how === 'pushed') await push();
    const reconciler = new Reconciler(deps);
    await Promise.all([reconciler.tick(), new Reconciler(deps).tick()]);
    expect(await statuses(planId)).toEqual(expected);
    const before = await events(planId);
    await reconciler.tick();
    expect([await statuses(planId), await events(planId)]).toEqual([expected, before]);
  });

  it('waits for a hub that cannot be reached, and ends then', async () => {
    const { planId } = await aboutToPush(kit.worker('executor'));
    const away = { ...git, readLane: () => Promise.reject(new Error('the hub is away')) };
    await cancelPlan({ ...deps, git: away }, { planId, actorId });
    expect((await statuses(planId)).plan).toBe('cancelling');
    await cancelPlan(deps, { planId, actorId });
    expect(await statuses(planId)).toEqual(ALL_CANCELLED);
  });
});

describe('a plan that is being cancelled', () => {
  it('is nobody else’s: leases are refused and its rows are as if they were gone', async () => {
    const { planId, integrationId } = await aboutToPush(kit.worker('executor'));
    const attempt = await scenes.attempt(planId, 2);
    await engine.stores.onPlan(planId, (tx) => tx.apply(decideCancel(tx.plan, null), actorId));
    expect(await deps.store.renew({ entity: 'attempt', id: attempt.id, token: attempt.token })).toBe(false);
    await engine.stores.onPlan(planId, async (tx) => {
      expect(await tx.attempt(attempt.id)).toBeNull();
      expect(await tx.integration(integrationId)).toBeNull();
    });
  });

  it('needs no hub when no push is prepared', async () => {
    const planId = await scenes.running(PHASES);
    const away = { ...git, readLane: () => Promise.reject(new Error('the hub is away')) };
    await cancelPlan({ ...deps, git: away }, { planId, actorId });
    expect((await statuses(planId)).plan).toBe('cancelled');
  });

  it('keeps its failed tasks as they are, and they cannot be tried again', async () => {
    const planId = await scenes.running(PHASES);
    const { db } = engine.stores;
    await db.planTask.updateMany({ where: { planId, number: 3 }, data: { status: 'failed' } });
    await cancelPlan(deps, { planId, actorId });
    expect((await statuses(planId)).tasks).toEqual(['cancelled', 'cancelled', 'failed', 'cancelled']);
    await expect(retryTask(deps, { planId, taskNumber: 3, actorId })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('is cancelled'),
    });
  });
});

it.each(['ready', 'completed', 'cancelled'])('refuses to cancel a plan that is %s', async (status) => {
  const planId = await engine.stores.plan(PHASES);
  await engine.stores.db.plan.update({ where: { id: planId }, data: { status } });
  await expect(cancelPlan(deps, { planId, actorId })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(`is ${status}`),
  });
});
