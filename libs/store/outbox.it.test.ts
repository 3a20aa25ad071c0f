import { DecisionBuilder } from '#domain/plan/decision.js';
import { StoreHarness } from '#testing/engine-harness.js';

let harness: StoreHarness;
let planId: string;

beforeEach(async () => {
  harness = await StoreHarness.open();
  planId = await harness.plan([{ tasks: [{ key: 'a' }] }]);
});

afterEach(() => harness.close());

const HOLD = 3_600_000;
const take = (limit = 100, kind: 'publish' | 'deliver' = 'publish', holdMs = HOLD) =>
  harness.store.takeOutbox({ kind, limit, holdMs });

async function publishTimes(count: number): Promise<void> {
  await harness.onPlan(planId, async (tx) => {
    const builder = new DecisionBuilder(tx.plan);
    for (let n = 0; n < count; n += 1) builder.publish();
    await tx.apply(builder.done(), harness.ownerId);
  });
}

it('gives each row to exactly one of several relays at once', async () => {
  await publishTimes(40);
  const taken = (await Promise.all(Array.from({ length: 6 }, () => take(10)))).flat();
  const rest = await take();
  const ids = [...taken, ...rest].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(40);
});

it('gives a held row to nobody until its time is over, and then again', async () => {
  await publishTimes(1);
  const first = await take(100, 'publish', 0);
  const second = await take();
  expect(second.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
  expect(await take()).toEqual([]);
});

it('keeps kinds apart and says what is to be done', async () => {
  await publishTimes(1);
  expect(await take(100, 'deliver')).toEqual([]);
  expect(await take()).toMatchObject([{ planId, effect: { kind: 'publish' } }]);
});

it('forgets what was carried out, and nothing else', async () => {
  await publishTimes(3);
  const [first, second, third] = (await take()).map(({ id }) => id).sort((a, b) => Number(a - b));
  await harness.store.settleOutbox([first ?? 0n, third ?? 0n]);
  await harness.store.settleOutbox([]);
  expect((await harness.db.outbox.findMany()).map(({ id }) => id)).toEqual([second]);
});

it('puts a failed effect off, with the error that a person can read', async () => {
  await publishTimes(1);
  const [row] = await take(100, 'publish', 0);
  await harness.store.postponeOutbox(row?.id ?? 0n, 'the origin is away');
  expect(await take()).toEqual([]);
  expect(await harness.db.outbox.findFirstOrThrow()).toMatchObject({
    tries: 1,
    lastError: 'the origin is away',
  });
});

it('counts a delivery on its row in the transaction that decides it, and leaves it to its own process first', async () => {
  const { id: taskId } = await harness.db.planTask.findFirstOrThrow({ where: { planId } });
  const id = '00000000-0000-7000-8000-000000000001';
  const done = await harness.store.withPlan(planId, (tx) =>
    tx.apply(
      new DecisionBuilder(tx.plan)
        .add({ entity: 'new_attempt', id, taskId, number: 1 })
        .deliver('execute', id, 4)
        .done(),
      harness.ownerId,
    ),
  );
  expect(done?.outbox).toMatchObject([
    { planId, effect: { kind: 'deliver', stage: 'execute', id, delivery: 4 } },
  ]);
  const attempt = await harness.db.taskAttempt.findUniqueOrThrow({ where: { id } });
  expect(attempt.deliveries).toBe(4);
  const row = await harness.db.outbox.findFirstOrThrow();
  expect(row.availableAt.getTime()).toBeGreaterThan(attempt.deliveredAt?.getTime() ?? Infinity);
});
