import { DEFAULT_PRICES } from '#domain/cost/default-prices.js';
import { estimateWork } from '#engine/queries/estimate-work.js';
import type { ExecutorConfig } from '#engine/ports/agent.port.js';
import { systemIds } from '#platform/runtime/system-ids.js';
import { NO_LIMITS, StoreHarness } from '#testing/engine-harness.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { PostgresSpend } from '../spend.js';
import { EstimateReader } from './estimate-reader.js';

let harness: StoreHarness;
let scenes: StoreScenes;

beforeEach(async () => {
  harness = await StoreHarness.open();
  scenes = new StoreScenes(harness);
});
afterEach(() => harness.close());

const MODEL = 'claude-opus-5-5';
const USAGE = { inputTokens: 1, outputTokens: 1, cacheWriteTokens: 0, cacheReadTokens: 0 };
const claude = (model: string): ExecutorConfig => ({ kind: 'claude', model, turns: 60, timeoutSeconds: 60 });
const planOf = (...executors: ExecutorConfig[]) =>
  scenes.running([{ tasks: executors.map((executor, at) => ({ key: `t${at}`, executor })) }], 20);

async function estimate(planId: string) {
  const { work, past } = await new EstimateReader(harness.sql).facts(planId);
  return estimateWork({ prices: DEFAULT_PRICES, model: MODEL, past }, work);
}

/** Tasks that cost so many cents, each in two calls, and are done. */
async function pastTasks(model: string, cents: readonly number[]): Promise<void> {
  const spend = new PostgresSpend(harness.sql, {
    ids: systemIds,
    prices: DEFAULT_PRICES,
    limits: NO_LIMITS,
  });
  const planId = await planOf(...cents.map(() => claude(model)));
  for (const [at, cent] of cents.entries()) {
    const { id: attemptId, token } = await scenes.claimed(planId, at + 1);
    const place = { planId, role: 'executor', attemptId, token } as const;
    for (const costUsd of [cent / 100 - 0.001, 0.001])
      await spend.record(place, { model, usage: USAGE, costUsd });
  }
  await harness.sql.rows(`UPDATE plan_tasks SET status = 'completed' WHERE plan_id = $1`, [planId]);
}

test('without anything done alike, the prompt is what it is based on; what calls no model is free', async () => {
  const planId = await planOf(claude(MODEL), { kind: 'milestone' }, claude('gpt-9'));
  const { usd, tasks } = await estimate(planId);
  expect(tasks.map(({ basis, model }) => [basis, model])).toEqual([
    ['prompt', MODEL],
    ['free', null],
    ['unknown', 'gpt-9'],
  ]);
  expect(usd).toEqual(tasks[0]?.usd);
  expect(tasks[1]?.usd).toEqual({ low: 0, expected: 0, high: 0 });
  expect(tasks[2]?.usd).toBeNull();
});

test('tasks of the same kind and model that are done say what such a task costs', async () => {
  await pastTasks(MODEL, [10, 20, 30, 40, 50]);
  await pastTasks('claude-haiku-5-5', [1, 1]);
  const planId = await planOf(claude(MODEL), claude('claude-haiku-5-5'));
  const { tasks } = await estimate(planId);
  expect(tasks).toMatchObject([
    { basis: 'past', pastTasks: 5, usd: { low: 0.14, expected: 0.3, high: 0.46 } },
    { basis: 'prompt', pastTasks: 2 },
  ]);
  await harness.sql.rows(`UPDATE plan_tasks SET status = 'completed' WHERE plan_id = $1 AND number = 1`, [
    planId,
  ]);
  expect((await estimate(planId)).tasks[0]).toMatchObject({ basis: 'done', usd: { high: 0 } });
});
