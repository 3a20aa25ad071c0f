import type { Limits } from '#domain/cost/budget.js';
import { DEFAULT_PRICES } from '#domain/cost/default-prices.js';
import { decideAttemptFailed, decideStepsDone } from '#domain/plan/decisions/execution.js';
import { PostgresSpend } from '#store/spend.js';
import { EngineHarness, NO_LIMITS } from '#testing/engine-harness.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { BudgetExceeded, type SpendPlace } from '../ports/spend.port.js';
import { onPlan } from '../unit-of-work.js';
import type { AttemptOrder } from '../work/attempt-order.js';
import { claimFairest } from '../work/claim-attempt.js';
import { resumePlan } from './resume-plan.command.js';
import { updatePlan, type PlanChanges } from './update-plan.command.js';

let harness: EngineHarness;
let scenes: StoreScenes;

beforeEach(async () => {
  harness = await EngineHarness.open();
  scenes = new StoreScenes(harness.stores);
});
afterEach(() => harness.close());

const STEPS = [
  {
    tasks: [
      { key: 'a', effect: 'none' as const },
      { key: 'b', effect: 'none' as const },
    ],
  },
];
/** It costs $0.30 where it may, and could cost $0.40. */
const CALL = { model: 'claude-opus-5', inputTokens: 0, maxOutputTokens: 16_000 };
const USED = { inputTokens: 0, outputTokens: 12_000, cacheWriteTokens: 0, cacheReadTokens: 0 };

function spending(limits: Partial<Limits> = {}): PostgresSpend {
  const { sql } = harness.stores;
  return new PostgresSpend(sql, {
    ids: harness.deps.ids,
    prices: DEFAULT_PRICES,
    limits: { ...NO_LIMITS, ...limits },
  });
}

async function claim(planId: string): Promise<AttemptOrder | undefined> {
  return (await claimFairest(harness.deps, { planId, attemptId: planId }))[0];
}

/** Calls the model for a step of the plan until that many calls are made, or money ends it. @returns calls made */
async function work(spend: PostgresSpend, planId: string, calls: number): Promise<number> {
  const order = await claim(planId);
  if (order === undefined) throw new Error('there is nothing to claim');
  const { attemptId, token, taskId } = order;
  const place: SpendPlace = { planId, role: 'executor', attemptId, token };
  let made = 0;
  let over: BudgetExceeded | null = null;
  while (made < calls && over === null) {
    const reservation = await spend.reserve(place, CALL).catch((error: unknown) => {
      if (error instanceof BudgetExceeded) return error;
      throw error;
    });
    if (reservation instanceof BudgetExceeded) over = reservation;
    else {
      const outputTokens = Math.min(USED.outputTokens, reservation.maxOutputTokens);
      await spend.settle(reservation, { ...USED, outputTokens });
      made += 1;
    }
  }
  await onPlan(harness.deps, planId, async (tx) => {
    const attempt = await tx.attempt(attemptId);
    if (attempt === null) throw new Error('the attempt is gone');
    const slice = await tx.slice(taskId);
    const done = { output: '', result: null };
    await tx.apply(
      over === null
        ? decideStepsDone(tx.plan, [{ slice, attempt, done }])
        : decideAttemptFailed(slice, attempt, { failure: 'budget', message: over.message }, 0),
      harness.stores.systemId,
    );
  });
  return made;
}

const planOf = (id: string) => harness.stores.db.plan.findUniqueOrThrow({ where: { id } });
const spentOf = async (planId: string) => {
  const total = await harness.stores.db.spendTotal.findUnique({ where: { subject: planId } });
  return Number(total?.micros ?? 0);
};
const actorId = () => harness.stores.ownerId;
const resume = (planId: string) => resumePlan(harness.deps, { planId, actorId: actorId() });
const raise = (planId: string, budget: PlanChanges['budget']) =>
  updatePlan(harness.deps, { planId, actorId: actorId(), changes: { budget } });

it('a plan stops before its budget is crossed, goes on when it is raised, and no attempt is used up', async () => {
  const planId = await scenes.running(STEPS, 1, { budget: { plan: 1 }, maxAttempts: 1 });
  const { number } = await planOf(planId);
  expect(await work(spending(), planId, 10)).toBe(4);
  expect(await spentOf(planId)).toBe(1_000_000);
  expect(await planOf(planId)).toMatchObject({
    status: 'paused',
    pauseReason: 'budget',
    pauseNote: `Task ${number}.1: The plan's budget of $1.00 is used up: $1.00 of it is spent or set aside. Raise it with: planwright update-plan ${number} --budget 2, then: planwright resume ${number}`,
  });
  expect(await scenes.task(planId, 1)).toMatchObject({ status: 'ready', attemptCount: 1 });
  await expect(resume(planId)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(`update-plan ${number} --budget`) as string,
  });
  expect((await planOf(planId)).status).toBe('paused');
  await raise(planId, { plan: 5 });
  await resume(planId);
  expect(await work(spending(), planId, 2)).toBe(2);
  expect(await scenes.task(planId, 1)).toMatchObject({ status: 'completed', attemptCount: 2 });
  expect(await spentOf(planId)).toBe(1_600_000);
});

it('a plan that is resumed where nobody can know stops again without a call', async () => {
  const planId = await scenes.running(STEPS, 1, { budget: { plan: 1 } });
  await work(spending(), planId, 10);
  await raise(planId, { plan: 1.3 });
  await resume(planId);
  expect(await work(spending(), planId, 10)).toBe(1);
  await raise(planId, null);
  await resume(planId);
  expect(await work(spending(), planId, 1)).toBe(1);
});

it('the budget of an attempt ends that attempt alone; the next begins anew once somebody allows it', async () => {
  const planId = await scenes.running(STEPS, 1, { budget: { plan: 9, attempt: 0.7 } });
  expect(await work(spending(), planId, 10)).toBe(3);
  expect((await planOf(planId)).pauseNote).toContain("attempt's budget of $0.70");
  await expect(resume(planId)).rejects.toMatchObject({ code: 'conflict' });
  await raise(planId, { attempt: 1.1 });
  await resume(planId);
  expect(await work(spending(), planId, 2)).toBe(2);
  expect((await planOf(planId)).status).toBe('running');
});

it('an edit keeps what it does not name of a budget, and takes away what it names as null', async () => {
  const planId = await scenes.running(STEPS, 1, { budget: { plan: 9, attempt: 0.5 } });
  await raise(planId, { plan: 10 });
  expect((await planOf(planId)).budget).toEqual({ plan: 10, attempt: 0.5 });
  await raise(planId, { attempt: null });
  expect((await planOf(planId)).budget).toEqual({ plan: 10 });
  await raise(planId, { plan: null });
  expect((await planOf(planId)).budget).toBeNull();
});
