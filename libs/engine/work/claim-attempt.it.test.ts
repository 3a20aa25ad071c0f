import { EngineHarness } from '#testing/engine-harness.js';
import type { PhaseShape } from '#testing/plan-builder.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { onPlan } from '../unit-of-work.js';
import { claimFairest } from './claim-attempt.js';

let harness: EngineHarness;
let scenes: StoreScenes;

beforeEach(async () => {
  harness = await EngineHarness.open();
  scenes = new StoreScenes(harness.stores);
});
afterEach(() => harness.close());

const tasks = (count: number): PhaseShape[] => [
  { tasks: Array.from({ length: count }, (_, at) => ({ key: `t${at}` })) },
];

/** Every slot asks with the same old delivery: it is only a doorbell. */
async function claim(doorbell: { planId: string; attemptId: string }): Promise<string | null> {
  return (await claimFairest(harness.deps, doorbell))[0]?.planId ?? null;
}

async function doorbellOf(planId: string) {
  return { planId, attemptId: (await scenes.attempt(planId)).id };
}

it('a small plan behind ten large ones is given every next slot until it has its share', async () => {
  const large: string[] = [];
  for (let at = 0; at < 10; at += 1) large.push(await scenes.running(tasks(40), 20));
  const doorbell = await doorbellOf(large[0] as string);
  for (let slot = 0; slot < 20; slot += 1) await claim(doorbell);
  const small = await scenes.running(tasks(5), 20);
  expect(await claim(doorbell)).toBe(small);
  expect(await claim(doorbell)).toBe(small);
  const next = await Promise.all(Array.from({ length: 11 }, () => claim(doorbell)));
  const counts = [...large, small].map((id) => next.filter((planId) => planId === id).length);
  expect(next).not.toContain(null);
  expect(Math.max(...counts)).toBeLessThanOrEqual(2);
  expect(counts.at(-1)).toBeGreaterThan(0);
});

it('a higher priority goes first, whatever it has already', async () => {
  const plain = await scenes.running(tasks(5));
  const urgent = await scenes.running(tasks(3), 4, { priority: 5 });
  const doorbell = await doorbellOf(plain);
  const claimed = [];
  for (let slot = 0; slot < 4; slot += 1) claimed.push(await claim(doorbell));
  expect(claimed).toEqual([urgent, urgent, urgent, plain]);
});

it('as many slots at once as there are attempts claim each of them once', async () => {
  const [a, b] = [await scenes.running(tasks(4)), await scenes.running(tasks(4))];
  const doorbell = await doorbellOf(a);
  const claimed = await Promise.all(Array.from({ length: 8 }, () => claim(doorbell)));
  expect(claimed.filter((planId) => planId === a)).toHaveLength(4);
  expect(claimed.filter((planId) => planId === b)).toHaveLength(4);
  expect(await claim(doorbell)).toBeNull();
});

describe('limits', () => {
  const active = async (planId: string) =>
    (await harness.stores.db.plan.findUniqueOrThrow({ where: { id: planId } })).activeTasks;

  it('of a repository hold for all its plans together, exactly', async () => {
    await harness.stores.store.limitRepository(harness.stores.repositoryId, 3);
    const plans = [await scenes.running(tasks(4)), await scenes.running(tasks(4))];
    await Promise.all(
      Array.from({ length: 6 }, (_, at) => onPlan(harness.deps, plans[at % 2] as string, async () => {})),
    );
    const counts = await Promise.all(plans.map(active));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
  });

  it('can be lifted', async () => {
    await harness.stores.store.limitRepository(harness.stores.repositoryId, 1);
    const planId = await scenes.running(tasks(4));
    expect(await active(planId)).toBe(1);
    await harness.stores.store.limitRepository(harness.stores.repositoryId, null);
    await onPlan(harness.deps, planId, async () => {});
    expect(await active(planId)).toBe(4);
  });
});

it('an input whose result was rejected is not tried again', async () => {
  const planId = await scenes.running([{ tasks: [{ key: 'a' }] }]);
  const [order] = await claimFairest(harness.deps, await doorbellOf(planId));
  if (order === undefined) throw new Error('nothing was claimed');
  const { db } = harness.stores;
  const { id, inputHash } = await db.taskAttempt.findUniqueOrThrow({ where: { id: order.attemptId } });
  await db.taskAttempt.update({
    where: { id },
    data: { status: 'rejected', failure: 'verification_failed', leaseUntil: null },
  });
  await db.planTask.updateMany({ where: { planId }, data: { status: 'ready' } });
  await db.plan.update({ where: { id: planId }, data: { activeTasks: 0 } });
  await onPlan(harness.deps, planId, async () => {});
  expect(await claim(await doorbellOf(planId))).toBeNull();
  const row = await db.plan.findUniqueOrThrow({ where: { id: planId }, include: { tasks: true } });
  expect(row).toMatchObject({ status: 'paused', pauseReason: 'task_failed', tasks: [{ status: 'failed' }] });
  expect(row.pauseNote).toContain("the input is the same as attempt 1's, which was rejected");
  const second = await db.taskAttempt.findFirstOrThrow({ where: { planId, number: 2 } });
  expect(second).toMatchObject({ status: 'cancelled', failure: 'cancelled' });
  expect(inputHash).not.toBeNull();
});
