import { EngineHarness, LEASE_MS } from '#testing/engine-harness.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { Reconciler } from './reconcile.js';

let harness: EngineHarness;
let kit: GitTestKit;
let scenes: StoreScenes;
let time: number;

beforeEach(async () => {
  harness = await EngineHarness.open();
  kit = await GitTestKit.create();
  scenes = new StoreScenes(harness.stores);
  time = 0;
});
afterEach(async () => {
  await harness.close();
  await kit.remove();
});

/** Whose timers run as late as the test says. */
function reconciler(): Reconciler {
  const clock = { ...harness.deps.clock, monotonic: () => time };
  return new Reconciler({ ...harness.deps, clock, git: kit.worker() });
}

async function lostAttempt(): Promise<string> {
  const planId = await scenes.running([{ tasks: [{ key: 'a' }] }]);
  await scenes.claimed(planId);
  await scenes.setLeases(planId, 'expired');
  await scenes.ageDeliveries(planId);
  return planId;
}

const first = (planId: string) =>
  harness.stores.db.taskAttempt.findFirstOrThrow({ where: { planId }, orderBy: { number: 'asc' } });

it('after a gap holders may renew before anything is taken from them', async () => {
  const planId = await lostAttempt();
  const late = reconciler();
  await late.tick();
  expect((await first(planId)).status).toBe('lost');

  const other = await lostAttempt();
  time += LEASE_MS;
  await late.tick();
  expect((await first(other)).status).toBe('running');
  time += LEASE_MS / 2 - 1;
  await late.tick();
  expect((await first(other)).status).toBe('running');
  time += 2;
  await late.tick();
  expect((await first(other)).status).toBe('lost');
});

it('one that is always late brings back what is lost all the same', async () => {
  const late = reconciler();
  await late.tick();
  const planId = await lostAttempt();
  for (let ticks = 0; ticks < 3; ticks += 1) {
    time += LEASE_MS;
    await late.tick();
  }
  expect((await first(planId)).status).toBe('lost');
});
