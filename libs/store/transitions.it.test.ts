import { v7 as uuid } from 'uuid';
import { DecisionBuilder, type Decision } from '#domain/plan/decision.js';
import type { Change } from '#domain/plan/change.js';
import { decideClaimIntegration } from '#domain/plan/decisions/integration.js';
import { Fenced } from '#engine/fenced.js';
import { StoreHarness } from '#testing/engine-harness.js';
import { StoreScenes } from '#testing/store-scenes.js';

let harness: StoreHarness;
let scenes: StoreScenes;

beforeAll(async () => {
  harness = await StoreHarness.open();
  scenes = new StoreScenes(harness);
});

afterAll(() => harness.close());

const ONE = [{ tasks: [{ key: 'a' }] }];
const deciding = (change: Change): Decision => ({
  changes: [change],
  events: [{ type: 'test.happened', payload: {} }],
  effects: [{ kind: 'publish' }],
});

const apply = (planId: string, decision: Decision) =>
  harness.onPlan(planId, (tx) => tx.apply(decision, harness.systemId));

/** The write is refused and nothing of its transaction is left: no row, no event, no outbox. */
async function expectFenced(planId: string, work: () => Promise<unknown>): Promise<void> {
  const before = await harness.dump(planId);
  await expect(work()).rejects.toThrow(Fenced);
  expect(await harness.dump(planId)).toEqual(before);
}

describe('a guarded write that meets no row throws Fenced and leaves nothing behind', () => {
  it('a stale token of an attempt', async () => {
    const planId = await scenes.running(ONE);
    const { id, token } = await scenes.claimed(planId);
    const change = {
      entity: 'attempt',
      id,
      token: token - 1,
      lease: 'clear',
      from: 'running',
      to: 'executed',
      set: {},
    } as const;
    await expectFenced(planId, () => apply(planId, deciding(change)));
    await apply(planId, deciding({ ...change, token }));
    expect(await scenes.attempt(planId)).toMatchObject({ status: 'executed', token });
  });

  it('a status that an attempt has no more', async () => {
    const planId = await scenes.running(ONE);
    const { id, token } = await scenes.claimed(planId);
    const change = {
      entity: 'attempt',
      id,
      token,
      lease: 'take',
      from: 'queued',
      to: 'running',
      set: {},
    } as const;
    await expectFenced(planId, () => apply(planId, deciding(change)));
  });

  it.each(['attempt', 'run', 'integration'] as const)('an old epoch of %s', async (entity) => {
    const planId = await scenes.running(ONE);
    const { id, token, status } =
      entity === 'attempt'
        ? await scenes.claimed(planId)
        : entity === 'run'
          ? await scenes.executed(planId)
          : await scenes.integrating(planId);
    await harness.db.plan.update({ where: { id: planId }, data: { epoch: { increment: 1 } } });
    const change = { entity, id, token, lease: 'clear', from: status, to: 'cancelled', set: {} } as Change;
    await expectFenced(planId, () => apply(planId, deciding(change)));
    await harness.db.plan.update({ where: { id: planId }, data: { epoch: { decrement: 1 } } });
    await apply(planId, deciding(change));
  });

  it('a stale token of a run and of an integration', async () => {
    const planId = await scenes.running([{ tasks: [{ key: 'a' }, { key: 'b' }] }]);
    const run = await scenes.executed(planId, 1);
    const integration = await scenes.integrating(planId, 2);
    const stale = { token: 9, lease: 'take', set: {} } as const;
    await expectFenced(planId, () =>
      apply(planId, deciding({ entity: 'run', id: run.id, from: 'queued', to: 'running', ...stale })),
    );
    await expectFenced(planId, () =>
      apply(
        planId,
        deciding({ entity: 'integration', id: integration.id, from: 'queued', to: 'merging', ...stale }),
      ),
    );
  });

  it.each<[string, (planId: string) => Promise<Change>]>([
    ['a plan', async () => ({ entity: 'plan', from: 'ready', to: 'running', set: {} })],
    ['a tip', async () => ({ entity: 'tip', from: 'somewhere else', to: 'x' })],
    [
      'a task',
      async (planId) => ({
        entity: 'task',
        id: (await scenes.task(planId)).id,
        from: 'ready',
        to: 'queued',
        set: {},
      }),
    ],
    [
      'a phase',
      async (planId) => ({
        entity: 'phase',
        id: (await scenes.task(planId)).phaseId,
        from: 'pending',
        to: 'running',
      }),
    ],
  ])('a stale status of %s', async (_what, change) => {
    const planId = await scenes.running(ONE);
    const stale = await change(planId);
    await expectFenced(planId, () => apply(planId, deciding(stale)));
  });

  it('changes before the refused one are undone too', async () => {
    const planId = await scenes.running(ONE);
    const { id } = await scenes.task(planId);
    const stale = { entity: 'task', id, from: 'ready', to: 'queued', set: {} } as const;
    await expectFenced(planId, () =>
      harness.onPlan(planId, async (tx) => {
        await tx.apply(
          new DecisionBuilder(tx.plan)
            .movePlan('pausing', { pauseReason: 'user' })
            .event('plan.pausing')
            .publish()
            .done(),
          harness.ownerId,
        );
        await tx.apply(deciding(stale), harness.ownerId);
      }),
    );
  });
});

describe('leases and tokens', () => {
  it('taking raises the token and sets the lease by the database clock; clearing ends the lease and keeps the token', async () => {
    const planId = await scenes.running(ONE);
    const { id, token } = await scenes.claimed(planId);
    expect(token).toBe(1);
    const [held] = await harness.db.$queryRaw<{ left: number }[]>`
      SELECT extract(epoch FROM lease_until - started_at)::float8 AS left FROM task_attempts WHERE id = ${id}::uuid`;
    expect(held?.left).toBeCloseTo(60, 1);
    await apply(
      planId,
      deciding({
        entity: 'attempt',
        id,
        token,
        lease: 'clear',
        from: 'running',
        to: 'errored',
        set: { failure: 'agent_failed', message: 'm' },
      }),
    );
    const row = await harness.db.taskAttempt.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({
      status: 'errored',
      token: 1,
      leaseUntil: null,
      failure: 'agent_failed',
      message: 'm',
    });
    expect(row.finishedAt).not.toBeNull();
  });

  it('an intent is kept with all its parts', async () => {
    const planId = await scenes.running(ONE);
    const queued = await scenes.integrating(planId);
    await harness.onPlan(planId, async (tx) => {
      const claim = decideClaimIntegration(tx.plan, queued, null, false);
      if (claim) await tx.apply(claim, harness.systemId);
    });
    const { id, token } = await scenes.integration(planId);
    const intent = { token, oldTip: 'old', newTip: 'new' };
    await apply(
      planId,
      deciding({
        entity: 'integration',
        id,
        token,
        lease: 'keep',
        from: 'merging',
        to: 'pushing',
        set: { intent },
      }),
    );
    expect(await scenes.integration(planId)).toMatchObject({
      status: 'pushing',
      intentToken: token,
      intentOldTip: 'old',
      intentNewTip: 'new',
    });
    const row = await harness.db.integration.findUniqueOrThrow({ where: { id } });
    expect(row.leaseUntil).not.toBeNull();
  });
});

describe('releasing', () => {
  const statuses = async (planId: string) => {
    const rows = await harness.db.planTask.findMany({ where: { planId }, orderBy: { number: 'asc' } });
    return rows.map(({ status, openDependencies }) => `${status} ${openDependencies}`);
  };

  it('one met dependency counts down every dependant, and frees those of running phases that wait for nothing more', async () => {
    const planId = await scenes.running(
      [
        {
          tasks: [
            { key: 'a' },
            { key: 'b', dependsOn: ['a'] },
            { key: 'c', dependsOn: ['a', 'b'] },
            { key: 'd' },
          ],
        },
        { tasks: [{ key: 'e', dependsOn: ['a'] }] },
      ],
      1,
    );
    expect(await statuses(planId)).toEqual(['queued 0', 'pending 1', 'pending 2', 'ready 0', 'pending 1']);
    const { id: taskId } = await scenes.task(planId, 1);
    await apply(planId, deciding({ entity: 'release_dependants', taskId }));
    expect(await statuses(planId)).toEqual(['queued 0', 'ready 0', 'pending 1', 'ready 0', 'pending 0']);
  });

  it('a phase that opens frees its tasks that wait for nothing, and no others', async () => {
    const planId = await harness.plan([
      { tasks: [{ key: 'a' }, { key: 'b', dependsOn: ['a'] }] },
      { tasks: [{ key: 'c' }] },
    ]);
    const { phaseId } = await scenes.task(planId, 1);
    await apply(planId, deciding({ entity: 'release_phase', phaseId }));
    expect(await statuses(planId)).toEqual(['ready 0', 'pending 1', 'pending 0']);
  });
});

describe('what the database itself refuses', () => {
  it.each([
    ['plans', 'status'],
    ['phases', 'status'],
    ['phases', 'mode'],
    ['plan_tasks', 'status'],
    ['task_attempts', 'status'],
    ['task_attempts', 'failure'],
    ['verification_runs', 'status'],
    ['integrations', 'status'],
    ['actors', 'kind'],
    ['outbox', 'kind'],
  ])('%s.%s outside its CHECK', async (table, column) => {
    const planId = await scenes.running(ONE);
    await scenes.integrating(planId);
    const update = `UPDATE ${table} SET ${column} = 'nonsense'`;
    await expect(harness.db.$executeRawUnsafe(update)).rejects.toThrow(/_check/);
  });

  it.each([
    ['plans', 'active_tasks'],
    ['plans', 'open_phases'],
    ['phases', 'open_tasks'],
    ['plan_tasks', 'open_dependencies'],
  ])('a negative %s.%s', async (table, column) => {
    await scenes.running(ONE);
    await expect(harness.db.$executeRawUnsafe(`UPDATE ${table} SET ${column} = -1`)).rejects.toThrow(
      /_check/,
    );
  });

  it('a second integration in the lane of a plan, and not in that of another', async () => {
    const planId = await scenes.running([{ tasks: [{ key: 'a' }, { key: 'b' }] }]);
    const other = await scenes.running(ONE);
    const rows = [
      await scenes.integrating(planId, 1),
      await scenes.integrating(planId, 2),
      await scenes.integrating(other, 1),
    ];
    const enter = (id: string | undefined, status: string) =>
      harness.db.integration.update({ where: { id: id ?? '' }, data: { status } });
    await enter(rows[0]?.id, 'pushing');
    for (const status of ['merging', 'verifying', 'verified', 'pushing']) {
      await expect(enter(rows[1]?.id, status)).rejects.toThrow(/Unique constraint/);
    }
    await enter(rows[2]?.id, 'merging');
    await enter(rows[0]?.id, 'landed');
    await enter(rows[1]?.id, 'merging');
  });

  it('a second open attempt of a task, and a number that was used', async () => {
    const planId = await scenes.running(ONE);
    const { id, taskId } = await scenes.claimed(planId);
    const attempt = { planId, taskId, number: 2, epoch: 1, status: 'queued' };
    await expect(harness.db.taskAttempt.create({ data: { id: uuid(), ...attempt } })).rejects.toThrow(
      /Unique constraint/,
    );
    await harness.db.taskAttempt.update({ where: { id }, data: { status: 'lost' } });
    await harness.db.taskAttempt.create({ data: { id: uuid(), ...attempt } });
    await expect(
      harness.db.taskAttempt.create({ data: { id: uuid(), ...attempt, status: 'lost' } }),
    ).rejects.toThrow(/Unique constraint/);
  });
});
