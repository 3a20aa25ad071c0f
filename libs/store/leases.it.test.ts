import { StoreHarness } from '#testing/engine-harness.js';
import { StoreScenes } from '#testing/store-scenes.js';

let harness: StoreHarness;
let scenes: StoreScenes;

beforeEach(async () => {
  harness = await StoreHarness.open();
  scenes = new StoreScenes(harness);
});

afterEach(() => harness.close());

const ONE = [{ tasks: [{ key: 'a' }] }];
const found = async () =>
  (await harness.store.overdue(100)).map(({ entity, id, why }) => ({ entity, id, why }));

describe('renewing a lease', () => {
  const until = async (id: string) =>
    (await harness.db.taskAttempt.findUniqueOrThrow({ where: { id } })).leaseUntil?.getTime() ?? 0;

  it('moves its end, also when it was over and nobody took it', async () => {
    const planId = await scenes.running(ONE);
    const { id, token } = await scenes.claimed(planId);
    await scenes.setLeases(planId, 'expired');
    const before = await until(id);
    expect(await harness.store.renew({ entity: 'attempt', id, token })).toBe(true);
    expect(await until(id)).toBeGreaterThan(before);
    expect(await found()).toEqual([]);
  });

  it('is refused once somebody else took it, and changes nothing', async () => {
    const planId = await scenes.running(ONE);
    const { id, token } = await scenes.claimed(planId);
    await harness.db.taskAttempt.update({ where: { id }, data: { token: { increment: 1 } } });
    const before = await until(id);
    expect(await harness.store.renew({ entity: 'attempt', id, token })).toBe(false);
    expect(await until(id)).toBe(before);
    expect(await harness.store.renew({ entity: 'attempt', id, token: token + 1 })).toBe(true);
  });

  it('is refused when the work is no longer held', async () => {
    const planId = await scenes.running(ONE);
    const { id, token } = await scenes.claimed(planId);
    await harness.db.taskAttempt.update({ where: { id }, data: { status: 'lost' } });
    expect(await harness.store.renew({ entity: 'attempt', id, token })).toBe(false);
  });

  it('is refused after the epoch grew', async () => {
    const planId = await scenes.running(ONE);
    const { id, token } = await scenes.claimed(planId);
    await harness.db.plan.update({ where: { id: planId }, data: { epoch: { increment: 1 } } });
    expect(await harness.store.renew({ entity: 'attempt', id, token })).toBe(false);
  });

  it('knows runs and integrations as well', async () => {
    const planId = await scenes.running([{ tasks: [{ key: 'a' }, { key: 'b' }] }]);
    const run = await scenes.executed(planId, 1);
    const integration = await scenes.integrating(planId, 2);
    expect(await harness.store.renew({ entity: 'run', id: run.id, token: run.token })).toBe(false);
    await harness.db.verificationRun.update({ where: { id: run.id }, data: { status: 'running' } });
    expect(await harness.store.renew({ entity: 'run', id: run.id, token: run.token })).toBe(true);
    await harness.db.integration.update({ where: { id: integration.id }, data: { status: 'pushing' } });
    expect(
      await harness.store.renew({ entity: 'integration', id: integration.id, token: integration.token }),
    ).toBe(true);
  });
});

describe('what is overdue', () => {
  it('is nothing while leases and deliveries are fresh', async () => {
    const planId = await scenes.running([{ tasks: [{ key: 'a' }, { key: 'b' }] }]);
    await scenes.claimed(planId, 1);
    expect(await found()).toEqual([]);
  });

  it('is whatever is held and whose lease is over, in every stage', async () => {
    const planId = await scenes.running([{ tasks: [{ key: 'a' }, { key: 'b' }, { key: 'c' }] }]);
    const attempt = await scenes.claimed(planId, 1);
    const run = await scenes.executed(planId, 2);
    const integration = await scenes.integrating(planId, 3);
    const over = { leaseUntil: new Date(0) };
    await scenes.ageDeliveries(planId);
    await harness.db.taskAttempt.update({ where: { id: attempt.id }, data: over });
    await harness.db.verificationRun.update({ where: { id: run.id }, data: { status: 'running', ...over } });
    for (const status of ['merging', 'pushing']) {
      await harness.db.integration.update({ where: { id: integration.id }, data: { status, ...over } });
      expect(await found()).toEqual([
        { entity: 'attempt', id: attempt.id, why: 'lease' },
        { entity: 'run', id: run.id, why: 'lease' },
        { entity: 'integration', id: integration.id, why: 'lease' },
      ]);
    }
  });

  it('is whatever was delivered long ago and not claimed', async () => {
    const planId = await scenes.running([{ tasks: [{ key: 'a' }, { key: 'b' }, { key: 'c' }] }]);
    const attempt = await scenes.attempt(planId, 1);
    const run = await scenes.executed(planId, 2);
    const integration = await scenes.integrating(planId, 3);
    await scenes.ageDeliveries(planId);
    expect(await found()).toEqual([
      { entity: 'attempt', id: attempt.id, why: 'delivery' },
      { entity: 'run', id: run.id, why: 'delivery' },
      { entity: 'integration', id: integration.id, why: 'delivery' },
    ]);
  });

  it('is no queued attempt of a plan that pauses, but its runs and integrations are', async () => {
    const planId = await scenes.running([{ tasks: [{ key: 'a' }, { key: 'b' }] }]);
    const run = await scenes.executed(planId, 2);
    await scenes.ageDeliveries(planId);
    await harness.db.plan.update({ where: { id: planId }, data: { status: 'pausing' } });
    expect(await found()).toEqual([{ entity: 'run', id: run.id, why: 'delivery' }]);
  });

  it('is no queued integration behind a busy lane, but is one that was verified', async () => {
    const planId = await scenes.running([{ tasks: [{ key: 'a' }, { key: 'b' }] }]);
    const holder = await scenes.integrating(planId, 1);
    const behind = await scenes.integrating(planId, 2);
    await harness.db.integration.update({ where: { id: holder.id }, data: { status: 'verifying' } });
    await scenes.ageDeliveries(planId);
    expect(await found()).toEqual([]);
    await harness.db.integration.update({ where: { id: holder.id }, data: { status: 'verified' } });
    expect(await found()).toEqual([{ entity: 'integration', id: holder.id, why: 'delivery' }]);
    await harness.db.integration.update({ where: { id: holder.id }, data: { status: 'landed' } });
    expect(await found()).toEqual([{ entity: 'integration', id: behind.id, why: 'delivery' }]);
  });

  it('is nothing of an old epoch', async () => {
    const planId = await scenes.running([{ tasks: [{ key: 'a' }, { key: 'b' }] }]);
    await scenes.claimed(planId, 1);
    await scenes.setLeases(planId, 'expired');
    await scenes.ageDeliveries(planId);
    await harness.db.plan.update({ where: { id: planId }, data: { epoch: { increment: 1 } } });
    expect(await found()).toEqual([]);
  });

  it('is not found again for a while once it was looked at', async () => {
    const planId = await scenes.running(ONE);
    await scenes.ageDeliveries(planId);
    for (const overdue of await harness.store.overdue(100)) await harness.store.touchDelivery(overdue);
    expect(await found()).toEqual([]);
  });
});

describe('delivering again', () => {
  it('counts the delivery and puts it into the outbox, once for two reconcilers that saw the same', async () => {
    const planId = await scenes.running(ONE);
    const { id } = await scenes.attempt(planId);
    await scenes.ageDeliveries(planId);
    const [overdue] = await harness.store.overdue(100);
    if (overdue === undefined) throw new Error('nothing is overdue');
    const rows = await Promise.all([harness.store.redeliver(overdue), harness.store.redeliver(overdue)]);
    const [row, ...others] = rows.filter((one) => one !== null);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ planId, effect: { kind: 'deliver', stage: 'execute', id, delivery: 2 } });
    expect((await scenes.attempt(planId)).deliveries).toBe(2);
  });

  it('does nothing once somebody claimed the row', async () => {
    const planId = await scenes.running(ONE);
    await scenes.ageDeliveries(planId);
    const [overdue] = await harness.store.overdue(100);
    if (overdue === undefined) throw new Error('nothing is overdue');
    await scenes.claimed(planId);
    const before = await harness.dump(planId);
    expect(await harness.store.redeliver(overdue)).toBeNull();
    expect(await harness.dump(planId)).toEqual(before);
  });
});

describe('plans to dispatch', () => {
  it('are running, have a free slot, and a ready task whose time has come', async () => {
    const planId = await scenes.running([{ tasks: [{ key: 'a' }, { key: 'b' }] }], 1);
    const where = { id: planId };
    expect(await harness.store.plansToDispatch(10)).toEqual([]);
    await harness.db.plan.update({ where, data: { concurrency: 2 } });
    expect(await harness.store.plansToDispatch(10)).toEqual([planId]);
    await harness.db.planTask.updateMany({
      where: { planId },
      data: { notBefore: new Date(Date.now() + 3_600_000) },
    });
    expect(await harness.store.plansToDispatch(10)).toEqual([]);
    await harness.db.planTask.updateMany({ where: { planId }, data: { notBefore: new Date(0) } });
    await harness.db.plan.update({ where, data: { status: 'pausing' } });
    expect(await harness.store.plansToDispatch(10)).toEqual([]);
  });
});
