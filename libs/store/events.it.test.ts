import { startPlan } from '#engine/commands/start-plan.command.js';
import { canonicalHash } from '#engine/canonical.js';
import { DecisionBuilder } from '#domain/plan/decision.js';
import { EngineHarness } from '#testing/engine-harness.js';

let engine: EngineHarness;

beforeAll(async () => {
  engine = await EngineHarness.open();
});

afterAll(() => engine.close());

const PHASES = [{ tasks: [{ key: 'a' }, { key: 'b', dependsOn: ['a'] }] }];
const say = (planId: string, type: string, payload: Record<string, unknown> = {}) =>
  engine.stores.onPlan(planId, (tx) =>
    tx.apply(new DecisionBuilder(tx.plan).event(type, payload).done(), engine.stores.ownerId),
  );

/** Every event's hash covers it and the hash before; the plan holds the last. */
async function expectChain(planId: string): Promise<number> {
  const plan = await engine.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
  const events = await engine.stores.db.planEvent.findMany({ where: { planId }, orderBy: { seq: 'asc' } });
  let prevHash = '';
  for (const [index, event] of events.entries()) {
    const { seq, type, payload, actorId, at } = event;
    expect(seq).toBe(index + 1);
    expect(event.prevHash).toBe(prevHash);
    expect(event.hash).toBe(
      canonicalHash({ planId, seq, type, payload, actorId, at: at.toISOString(), prevHash }),
    );
    prevHash = event.hash;
  }
  expect(plan).toMatchObject({ eventSeq: events.length, eventHash: prevHash });
  return events.length;
}

it('the hash chain can be recomputed from what is stored, whatever the payloads are', async () => {
  const planId = await engine.stores.plan(PHASES);
  await startPlan(engine.deps, { planId, actorId: engine.stores.ownerId });
  await say(planId, 'test.odd', {
    z: 1,
    a: [1, null, { y: undefined, x: -0.5e-7 }],
    text: 'ü "quoted" \\ \n',
    big: 2 ** 53,
    empty: {},
    '': '',
  });
  expect(await expectChain(planId)).toBeGreaterThan(3);
});

it('events of many commands at once are numbered without gap or repetition', async () => {
  const planId = await engine.stores.plan(PHASES);
  await Promise.all(Array.from({ length: 30 }, (_, n) => say(planId, 'test.said', { n })));
  expect(await expectChain(planId)).toBe(31);
});

it('several decisions of one transaction continue one chain', async () => {
  const planId = await engine.stores.plan(PHASES);
  await engine.stores.onPlan(planId, async (tx) => {
    for (const n of [1, 2, 3])
      await tx.apply(
        new DecisionBuilder(tx.plan).event('test.one', { n }).event('test.two', { n }).done(),
        engine.stores.ownerId,
      );
  });
  expect(await expectChain(planId)).toBe(7);
});

it.each([
  'UPDATE plan_events SET type = type',
  'DELETE FROM plan_events',
  'TRUNCATE plan_events',
  'TRUNCATE plan_events CASCADE',
])('the database refuses %s, also to the owner', async (statement) => {
  const planId = await engine.stores.plan(PHASES);
  await expect(engine.stores.db.$executeRawUnsafe(statement)).rejects.toThrow(/append-only/);
  expect(await engine.stores.db.planEvent.count({ where: { planId } })).toBe(1);
});

it('a plan with events cannot be deleted from under them', async () => {
  const planId = await engine.stores.plan(PHASES);
  await expect(engine.stores.db.plan.delete({ where: { id: planId } })).rejects.toThrow();
  expect(await engine.stores.db.planEvent.count({ where: { planId } })).toBe(1);
});

describe('withPlan', () => {
  it('lets exactly one of twenty starts at once succeed; the others are refused and change nothing', async () => {
    const planId = await engine.stores.plan(PHASES);
    const starts = await Promise.allSettled(
      Array.from({ length: 20 }, () => startPlan(engine.deps, { planId, actorId: engine.stores.ownerId })),
    );
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const start of starts)
      if (start.status === 'rejected') expect(start.reason).toMatchObject({ code: 'conflict' });
    const started = await engine.stores.db.planEvent.count({ where: { planId, type: 'plan.started' } });
    expect(started).toBe(1);
    expect(await engine.stores.db.taskAttempt.count({ where: { planId } })).toBe(1);
  });

  it('never runs two commands on one plan side by side, and does on two', async () => {
    const [one, two] = [await engine.stores.plan(PHASES), await engine.stores.plan(PHASES)];
    const inside = new Map<string, number>();
    let together = 0;
    let other: (() => void) | undefined;
    const bothPlans = new Promise<void>((resolve) => (other = resolve));
    const command = (planId: string) =>
      engine.stores.onPlan(planId, async (tx) => {
        inside.set(planId, (inside.get(planId) ?? 0) + 1);
        together = Math.max(together, inside.get(planId) ?? 0);
        if ((inside.get(one) ?? 0) > 0 && (inside.get(two) ?? 0) > 0) other?.();
        await bothPlans;
        await tx.apply(new DecisionBuilder(tx.plan).event('test.inside').done(), engine.stores.ownerId);
        inside.set(planId, (inside.get(planId) ?? 0) - 1);
      });
    await Promise.all([command(one), command(two), command(one), command(two)]);
    expect(together).toBe(1);
    expect(await expectChain(one)).toBe(3);
    expect(await expectChain(two)).toBe(3);
  });

  it('knows nothing of a plan that is not there, and keeps nothing of work that throws', async () => {
    const planId = await engine.stores.plan(PHASES);
    const nobody = '00000000-0000-7000-8000-000000000000';
    expect(await engine.stores.store.withPlan(nobody, async () => 'never')).toBeNull();
    const before = await engine.stores.dump(planId);
    const work = engine.stores.onPlan(planId, async (tx) => {
      await tx.apply(
        new DecisionBuilder(tx.plan).movePlan('running').event('plan.started').publish().done(),
        engine.stores.ownerId,
      );
      throw new Error('of its own');
    });
    await expect(work).rejects.toThrow('of its own');
    expect(await engine.stores.dump(planId)).toEqual(before);
  });
});
