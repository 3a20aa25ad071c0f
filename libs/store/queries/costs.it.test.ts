import { DEFAULT_PRICES } from '#domain/cost/default-prices.js';
import type { SpendPlace } from '#engine/ports/spend.port.js';
import { systemIds } from '#platform/runtime/system-ids.js';
import { NO_LIMITS, StoreHarness } from '#testing/engine-harness.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { PostgresSpend } from '../spend.js';
import { PlanReader } from './plan-reader.js';
import { SpendReader } from './spend-reader.js';
import { IterationReader } from './iteration-reader.js';
import { TaskReader } from './task-reader.js';

let harness: StoreHarness;
let scenes: StoreScenes;
let spend: PostgresSpend;

beforeEach(async () => {
  harness = await StoreHarness.open();
  scenes = new StoreScenes(harness);
  spend = new PostgresSpend(harness.sql, { ids: systemIds, prices: DEFAULT_PRICES, limits: NO_LIMITS });
});
afterEach(() => harness.close());

const PHASES = [{ tasks: [{ key: 'a' }, { key: 'b' }] }, { tasks: [{ key: 'c' }] }];
const USAGE = { inputTokens: 10, outputTokens: 20, cacheWriteTokens: 30, cacheReadTokens: 40 };
const cost = (usd: number, calls: number) => ({
  usd,
  inputTokens: 10 * calls,
  outputTokens: 20 * calls,
  cacheReadTokens: 40 * calls,
  cacheWriteTokens: 30 * calls,
  calls,
});
const plans = () => new PlanReader(harness.db, harness.sql);
const record = (place: SpendPlace, costUsd: number) =>
  spend.record(place, { model: 'any', usage: USAGE, costUsd });

test('views say what attempt, task, phase, plan and iteration cost; where nothing was spent they say nothing', async () => {
  const planId = await scenes.running(PHASES, 4, { budget: { plan: 5 } });
  const untouched = await plans().plan(planId);
  expect(JSON.stringify(untouched)).not.toContain('"cost"');
  const [one, two] = [await scenes.claimed(planId, 1), await scenes.claimed(planId, 2)];
  const place = { planId, role: 'executor' } as const;
  await record({ ...place, attemptId: one.id, token: one.token }, 0.1);
  await record({ ...place, attemptId: one.id, token: one.token }, 0.2);
  await record({ ...place, attemptId: two.id, token: two.token }, 0.05);
  const { id: iterationId } = await harness.db.planIteration.findFirstOrThrow({ where: { planId } });
  await record({ planId, role: 'planner', iterationId, token: 0 }, 1);

  const plan = await plans().plan(planId);
  expect(plan).toMatchObject({
    budget: { plan: 5 },
    cost: cost(1.35, 4),
    phases: [
      {
        cost: cost(0.35, 3),
        tasks: [{ cost: cost(0.3, 2), attempts: [{ cost: cost(0.3, 2) }] }, { cost: cost(0.05, 1) }],
      },
      {},
    ],
  });
  expect(plan?.phases[1]).not.toHaveProperty('cost');
  const [head] = (await plans().plans({ limit: 10 })).items;
  expect(head).toMatchObject({ cost: cost(1.35, 4) });
  const history = await new IterationReader(harness.db).iterations(planId, { limit: 10 });
  expect(history.items).toMatchObject([{ number: 1, costUsd: 1 }]);
  const tasks = new TaskReader(harness.db, harness.sql);
  expect(await tasks.task({ planId, taskNumber: 2 })).toMatchObject({ cost: cost(0.05, 1) });
  expect(await tasks.task({ planId, taskNumber: 3 })).not.toHaveProperty('cost');
});

test('a call that is under way counts as the most that it can cost', async () => {
  const planId = await scenes.running(PHASES);
  const { id: attemptId, token } = await scenes.claimed(planId, 1);
  const call = { model: 'claude-opus-5', inputTokens: 0, maxOutputTokens: 4_000 };
  await spend.reserve({ planId, role: 'executor', attemptId, token }, call);
  expect((await plans().plan(planId))?.cost).toMatchObject({ usd: 0.1, calls: 1, outputTokens: 0 });
});

test('spending is told per day, the latest first, and in all', async () => {
  const reader = new SpendReader(harness.sql, 2_500_000);
  const nothing = { ...cost(0, 0), usd: 0 };
  expect(await reader.spend(7)).toEqual({ days: [], total: nothing, dayBudget: 2.5 });
  const planId = await scenes.running(PHASES);
  const { id: attemptId, token } = await scenes.claimed(planId, 1);
  const place = { planId, role: 'executor', attemptId, token } as const;
  await record(place, 0.1);
  await harness.sql.rows(`UPDATE spend_days SET day = day - 3`);
  await record(place, 0.2);
  const [today, before, ...more] = (await reader.spend(7)).days;
  expect([today, before, more]).toMatchObject([cost(0.2, 1), cost(0.1, 1), []]);
  expect(Date.parse(today?.day ?? '') - Date.parse(before?.day ?? '')).toBe(3 * 86_400_000);
  expect(await reader.spend(3)).toMatchObject({ days: [cost(0.2, 1)], total: cost(0.3, 2) });
});
