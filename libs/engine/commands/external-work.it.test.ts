import { DomainError } from '#domain/domain-error.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { Reconciler } from '../work/reconcile.js';
import { claimTask, type ClaimLease } from './claim-task.command.js';
import { completeTask } from './complete-task.command.js';
import { heartbeatTask } from './heartbeat-task.command.js';
import { releaseTask } from './release-task.command.js';

let harness: EngineHarness;
let kit: GitTestKit;
let scenes: StoreScenes;

beforeEach(async () => {
  harness = await EngineHarness.open();
  kit = await GitTestKit.create();
  scenes = new StoreScenes(harness.stores);
});
afterEach(async () => {
  await harness.close();
  await kit.remove();
});

const external = { kind: 'external' } as const;
const keys = ['a', 'b', 'c', 'd', 'e', 'f'];

function running(names: readonly string[] = ['a']): Promise<string> {
  return scenes.running([
    { mode: 'parallel', tasks: names.map((key) => ({ key, effect: 'none', executor: external })) },
  ]);
}

const named = (planId: string, taskNumber = 1) => ({ planId, taskNumber, actorId: harness.stores.ownerId });
const tick = () => new Reconciler({ ...harness.deps, git: kit.worker() }).tick();
const refused = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof DomainError ? error.code : error),
  );

async function leased(planId: string, leaseSeconds = 60): Promise<ClaimLease> {
  const lease = await claimTask(harness.deps, { ...named(planId), leaseSeconds });
  if (lease === null) throw new Error('the claim has no lease');
  return lease;
}

async function abandoned(planId: string): Promise<void> {
  await scenes.setLeases(planId, 'expired');
  await scenes.ageDeliveries(planId);
  await tick();
}

const eventTypes = async (planId: string): Promise<string[]> =>
  (await harness.stores.db.planEvent.findMany({ where: { planId }, orderBy: { seq: 'asc' } })).map(
    ({ type }) => type,
  );

it('of agents that claim side by side never two have the same task, and none is left over', async () => {
  const planId = await running(keys);
  const agents = Array.from({ length: 5 }, async (_, agent) => {
    const mine: string[] = [];
    for (const index of keys.keys()) {
      const taskNumber = ((index + agent) % keys.length) + 1;
      const claim = { ...named(planId, taskNumber), leaseSeconds: 60 };
      const outcome = await claimTask(harness.deps, claim).catch((error: unknown) => error);
      if (outcome instanceof DomainError) expect(outcome.code).toBe('conflict');
      else mine.push((outcome as ClaimLease).token);
    }
    return mine;
  });
  const tokens = (await Promise.all(agents)).flat();
  const held = await harness.stores.db.taskAttempt.findMany({ where: { planId, status: 'running' } });
  expect(new Set(held.map(({ taskId }) => taskId)).size).toBe(keys.length);
  expect([...tokens].sort()).toEqual(held.map(({ id }) => id).sort());
});

it('an abandoned claim comes back, with an event, and its token ends nothing any more', async () => {
  const planId = await running();
  const { token } = await leased(planId);
  await abandoned(planId);
  expect((await scenes.task(planId)).status).toBe('ready');
  expect(await eventTypes(planId)).toContain('task.abandoned');
  const next = await leased(planId);
  expect(next.token).not.toBe(token);
  const late = completeTask(harness.deps, { ...named(planId), note: 'late', token });
  expect(await refused(late)).toBe('conflict');
  expect(await refused(heartbeatTask(harness.deps, { ...named(planId), task: '1.1', token }))).toBe(
    'conflict',
  );
  await completeTask(harness.deps, { ...named(planId), note: 'in time', token: next.token });
  expect((await scenes.task(planId)).status).toBe('completed');
});

it('abandoned claims cost a task none of its attempts', async () => {
  const planId = await running();
  for (let round = 0; round < 7; round += 1) {
    await leased(planId);
    await abandoned(planId);
  }
  expect((await scenes.task(planId)).status).toBe('ready');
});

it('a heartbeat extends the lease by its length, so that it is not taken away', async () => {
  const planId = await running();
  const { token, until } = await leased(planId, 600);
  await scenes.setLeases(planId, 'expired');
  await scenes.ageDeliveries(planId);
  const extended = await heartbeatTask(harness.deps, { ...named(planId), task: '1.1', token });
  expect(extended.getTime()).toBeGreaterThanOrEqual(until.getTime());
  await tick();
  expect((await scenes.task(planId)).status).toBe('claimed');
});

it('of a heartbeat and the reconciler at the same moment one wins, and both say so', async () => {
  for (let round = 0; round < 10; round += 1) {
    const planId = await running();
    const { token } = await leased(planId);
    await scenes.setLeases(planId, 'expired');
    await scenes.ageDeliveries(planId);
    const heartbeat = refused(heartbeatTask(harness.deps, { ...named(planId), task: '1.1', token }));
    const [beat] = await Promise.all([heartbeat, tick()]);
    const expected = beat === 'done' ? 'claimed' : 'ready';
    expect((await scenes.task(planId)).status).toBe(expected);
  }
});

it('a claim without a lease stays, however long nothing is heard of it', async () => {
  const planId = await running();
  expect(await claimTask(harness.deps, named(planId))).toBeNull();
  await abandoned(planId);
  expect((await scenes.task(planId)).status).toBe('claimed');
});

it('what ends a claim with a lease names its token; a person may take the task back without it', async () => {
  const planId = await running();
  const { token } = await leased(planId);
  expect(await refused(completeTask(harness.deps, { ...named(planId), note: 'whose?' }))).toBe('conflict');
  await releaseTask(harness.deps, named(planId));
  expect((await scenes.task(planId)).status).toBe('ready');
  expect(await refused(releaseTask(harness.deps, { ...named(planId), token }))).toBe('conflict');
});
