import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import type { Limits } from '#domain/cost/budget.js';
import { DEFAULT_PRICES } from '#domain/cost/default-prices.js';
import { Fenced } from '#engine/fenced.js';
import { BudgetExceeded, type SpendPlace } from '#engine/ports/spend.port.js';
import { systemIds } from '#platform/runtime/system-ids.js';
import { NO_LIMITS, StoreHarness } from '#testing/engine-harness.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { openSql } from './sql.js';
import { PostgresSpend } from './spend.js';

let harness: StoreHarness;
let scenes: StoreScenes;

beforeEach(async () => {
  harness = await StoreHarness.open();
  scenes = new StoreScenes(harness);
});

afterEach(() => harness.close());

const ONE = [{ tasks: [{ key: 'a' }] }];
const MODEL = 'claude-sonnet-5-5';
/** $0.0125 at most for the input, $0.01 for every 1,000 tokens of output. */
const CALL = { model: MODEL, inputTokens: 5_000, maxOutputTokens: 4_000 };
const WORST = 12_500 + 40_000;
const NOTHING = { inputTokens: 0, outputTokens: 0, cacheWriteTokens: 0, cacheReadTokens: 0 };
const USED = { inputTokens: 1_000, outputTokens: 500, cacheWriteTokens: 2_000, cacheReadTokens: 2_000 };
const COST = 2_000 + 5_000 + 5_000 + 200;

const spending = (limits: Partial<Limits> = {}, sql = harness.sql) =>
  new PostgresSpend(sql, { ids: systemIds, prices: DEFAULT_PRICES, limits: { ...NO_LIMITS, ...limits } });

async function placeOf(planId: string, number = 1): Promise<SpendPlace> {
  const { id: attemptId, token } = await scenes.claimed(planId, number);
  return { planId, role: 'executor', attemptId, token };
}

async function aPlace(over: Parameters<StoreScenes['running']>[2] = {}): Promise<SpendPlace> {
  return placeOf(await scenes.running(ONE, 4, over));
}

/** Sums as they are stored, and as the calls themselves say. */
async function sums() {
  const counted = await harness.sql.rows<{ subject: string; micros: number; calls: number }>(
    `SELECT s.subject, sum(coalesce(c.cost_micros, c.reserved_micros))::float8 AS micros,
            (count(*) FILTER (WHERE c.status = 'reserved' OR c.cost_micros + c.input_tokens + c.output_tokens > 0))::int AS calls
       FROM model_calls c, LATERAL (VALUES (c.plan_id::text), (coalesce(c.attempt_id, c.iteration_id)::text),
                                           (c.day::text)) AS s(subject)
      GROUP BY s.subject ORDER BY 1`,
  );
  const kept = await harness.sql.rows(
    `SELECT * FROM (SELECT subject::text, micros::float8, calls FROM spend_totals
                    UNION ALL SELECT day::text, micros::float8, calls FROM spend_days) s ORDER BY 1`,
  );
  return { kept, counted };
}

const spentOf = async (planId: string) =>
  (
    await harness.sql.rows<{ micros: number }>(
      `SELECT micros::float8 AS micros FROM spend_totals WHERE subject = $1`,
      [planId],
    )
  )[0]?.micros ?? 0;

describe('a call', () => {
  it('sets aside its worst case, and is settled by what it cost, once', async () => {
    const place = await aPlace();
    const spend = spending();
    const reservation = await spend.reserve(place, CALL);
    expect(reservation).toMatchObject({ model: MODEL, maxOutputTokens: 4_000 });
    expect(await spentOf(place.planId)).toBe(WORST);
    await spend.settle(reservation, USED);
    expect(await spentOf(place.planId)).toBe(COST);
    await spend.settle(reservation, { ...USED, outputTokens: 999_999 });
    expect(await spentOf(place.planId)).toBe(COST);
    const call = await harness.db.modelCall.findUniqueOrThrow({ where: { id: reservation.id } });
    expect(call).toMatchObject({
      status: 'settled',
      role: 'executor',
      costMicros: BigInt(COST),
      cacheReadTokens: 2_000n,
    });
    expect(call.taskId).toBe((await scenes.task(place.planId)).id);
  });

  it('that cost nothing gives everything back, and counts as none', async () => {
    const place = await aPlace();
    const spend = spending({ plan: WORST });
    await spend.settle(await spend.reserve(place, CALL), NOTHING);
    const { kept, counted } = await sums();
    expect(kept).toEqual(counted);
    expect(kept).toContainEqual({ subject: place.planId, micros: 0, calls: 0 });
    await expect(spend.reserve(place, CALL)).resolves.toMatchObject({ maxOutputTokens: 4_000 });
  });

  it('of a model without a price is refused, and nothing is set aside', async () => {
    const place = await aPlace();
    await expect(spending().reserve(place, { ...CALL, model: 'gpt-9' })).rejects.toMatchObject({
      code: 'invalid',
    });
    expect(await harness.db.modelCall.count()).toBe(0);
  });

  it('is cut to what the tightest limit leaves, and refused below what is worth calling for', async () => {
    const place = await aPlace({ budget: { plan: 5, attempt: 0.04 } });
    const spend = spending({ day: 10_000_000 });
    const reservation = await spend.reserve(place, CALL);
    expect(reservation.maxOutputTokens).toBe(2_750);
    const refused = await spend.reserve(place, CALL).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BudgetExceeded);
    expect(refused).toMatchObject({ scope: 'attempt' });
    expect((refused as Error).message).toMatch(
      /attempt's budget of \$0\.04 is used up: \$0\.04 of it.*--attempt-budget/,
    );
    expect(await harness.db.modelCall.count()).toBe(1);
  });

  it('takes the configured limits where the plan names none of its own', async () => {
    const place = await aPlace({ budget: { attempt: 1 } });
    await expect(spending({ plan: 20_000, attempt: 1 }).reserve(place, CALL)).rejects.toMatchObject({
      scope: 'plan',
    });
    await expect(spending({ plan: 1_000_000, attempt: 1 }).reserve(place, CALL)).resolves.toBeDefined();
  });
});

describe('whoever lost the attempt', () => {
  it.each([
    ['its token is another one', `UPDATE task_attempts SET token = token + 1`],
    ['it has ended', `UPDATE task_attempts SET status = 'lost'`],
    ['the plan has another epoch', `UPDATE plans SET epoch = epoch + 1`],
    ['the plan is gone', `UPDATE plans SET deleted_at = now()`],
  ])('spends nothing more: %s', async (_, change) => {
    const place = await aPlace();
    await harness.sql.rows(change);
    await expect(spending().reserve(place, CALL)).rejects.toBeInstanceOf(Fenced);
    await expect(spending().left(place)).rejects.toBeInstanceOf(Fenced);
    expect(await harness.db.modelCall.count()).toBe(0);
  });

  it('settles what it set aside before', async () => {
    const place = await aPlace();
    const reservation = await spending().reserve(place, CALL);
    await harness.sql.rows(`UPDATE task_attempts SET token = token + 1`);
    await spending().settle(reservation, USED);
    expect(await spentOf(place.planId)).toBe(COST);
  });

  it.each([
    ['of another plan', {}, `UPDATE plan_iterations SET status = 'running', token = 2`],
    ['that a later worker has', { own: true }, `UPDATE plan_iterations SET status = 'running', token = 3`],
    ['that has ended', { own: true }, `UPDATE plan_iterations SET status = 'succeeded', token = 2`],
  ])('cannot spend for an iteration %s', async (_, { own = false }: { own?: boolean }, change) => {
    const planId = await scenes.running(ONE);
    const other = own ? planId : await scenes.running(ONE);
    const { id: iterationId } = await harness.db.planIteration.findFirstOrThrow({ where: { planId: other } });
    await harness.sql.rows(`${change} WHERE id = $1`, [iterationId]);
    const place = { planId, role: 'planner', iterationId, token: 2 } as const;
    await expect(spending().reserve(place, CALL)).rejects.toBeInstanceOf(Fenced);
    await harness.sql.rows(`UPDATE plan_iterations SET status = 'running', token = 2 WHERE id = $1`, [
      iterationId,
    ]);
    await expect(spending().reserve({ ...place, planId: other }, CALL)).resolves.toBeDefined();
    expect(await spentOf(other)).toBe(WORST);
  });
});

describe('what a dead process set aside', () => {
  it('counts as spent, for attempt, plan and day', async () => {
    const place = await aPlace();
    const dead = openSql(harness.database.url);
    await spending({}, dead).reserve(place, CALL);
    await dead.close();
    for (const scope of ['attempt', 'plan', 'day'] as const)
      await expect(spending({ [scope]: WORST + 12_500 }).reserve(place, CALL)).rejects.toMatchObject({
        scope,
      });
  });
});

describe('reservations at the same time', () => {
  it.each(['attempt', 'plan', 'day'] as const)('never pass the limit of the %s together', async (scope) => {
    const plans = scope === 'day' ? [1, 2, 3] : [1];
    const places = await Promise.all(plans.map(() => aPlace()));
    const limit = WORST * 5 + 20_000;
    const pools = [harness.sql, openSql(harness.database.url), openSql(harness.database.url)];
    const results = await Promise.allSettled(
      Array.from({ length: 24 }, (_, n) => {
        const place = places[n % places.length] as SpendPlace;
        return spending({ [scope]: limit }, pools[n % pools.length]).reserve(place, CALL);
      }),
    );
    for (const pool of pools.slice(1)) await pool.close();
    const made = results.filter(({ status }) => status === 'fulfilled');
    const refused = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as Error] : [],
    );
    expect(refused.filter((error) => !(error instanceof BudgetExceeded))).toEqual([]);
    expect(made.length).toBeGreaterThanOrEqual(5);
    const { kept, counted } = await sums();
    expect(kept).toEqual(counted);
    const [{ total } = { total: Infinity }] = await harness.sql.rows<{ total: number }>(
      `SELECT sum(reserved_micros)::float8 AS total FROM model_calls`,
    );
    expect(total).toBeLessThanOrEqual(limit);
    expect(total).toBeGreaterThan(limit - WORST);
  });

  it('with settlements among them leave sums that are those of the calls, whatever their order', async () => {
    const places = await Promise.all([aPlace(), aPlace()]);
    const step = fc.record({
      place: fc.nat(1),
      output: fc.integer({ min: 0, max: 4_000 }),
      settles: fc.boolean(),
      twice: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const limit = 1_000_000;
        const spend = spending({ plan: limit, day: limit });
        await Promise.all(
          steps.map(async ({ place, output, settles, twice }) => {
            const reservation = await spend
              .reserve(places[place] as SpendPlace, CALL)
              .catch((error: unknown) => {
                if (error instanceof BudgetExceeded) return null;
                throw error;
              });
            if (reservation === null || !settles) return;
            const usage = { ...NOTHING, outputTokens: Math.min(output, reservation.maxOutputTokens) };
            await Promise.all([spend.settle(reservation, usage), twice && spend.settle(reservation, usage)]);
          }),
        );
        const { kept, counted } = await sums();
        expect(kept).toEqual(counted);
        for (const { micros } of counted) expect(micros).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 12 },
    );
  });
});

describe('the day', () => {
  it('is that of UTC by the database, wherever it thinks it is', async () => {
    const { pathname } = new URL(harness.database.url);
    await harness.sql.rows(`ALTER DATABASE "${pathname.slice(1)}" SET timezone TO 'Pacific/Kiritimati'`);
    const far = openSql(harness.database.url);
    const { id } = await spending({}, far).reserve(await aPlace(), CALL);
    const [row] = await far.rows<{ same: boolean; zone: string }>(
      `SELECT day = (now() AT TIME ZONE 'UTC')::date AS same, current_setting('timezone') AS zone
         FROM model_calls WHERE id = $1`,
      [id],
    );
    await far.close();
    expect(row).toEqual({ same: true, zone: 'Pacific/Kiritimati' });
  });

  it('begins anew: what was spent yesterday leaves the limit of today alone', async () => {
    const place = await aPlace();
    const spend = spending({ day: WORST });
    const yesterday = await spend.reserve(place, CALL);
    await expect(spend.reserve(place, CALL)).rejects.toMatchObject({ scope: 'day' });
    // As if it had been made a day earlier: nobody else may write these rows.
    await harness.sql
      .rows(`DO $$ BEGIN SET session_replication_role = replica; UPDATE model_calls SET day = day - 1;
      UPDATE spend_days SET day = day - 1; SET session_replication_role = origin; END $$`);
    await expect(spend.reserve(place, CALL)).resolves.toMatchObject({ maxOutputTokens: 4_000 });
    await spend.settle(yesterday, USED);
    const { kept, counted } = await sums();
    expect(kept).toEqual(counted);
    await expect(spend.reserve(place, CALL)).rejects.toMatchObject({ scope: 'day' });
  });

  it('keeps what a plan cost that was deleted', async () => {
    const place = await aPlace();
    await spending().reserve(place, CALL);
    await harness.sql.rows(`DO $$ BEGIN SET session_replication_role = replica; DELETE FROM plan_events;
      SET session_replication_role = origin; END $$`);
    await harness.db.plan.delete({ where: { id: place.planId } });
    expect(await harness.db.modelCall.count()).toBe(0);
    await expect(spending({ day: WORST }).reserve(await aPlace(), CALL)).rejects.toMatchObject({
      scope: 'day',
    });
  });
});

describe('usage that a program reports itself', () => {
  it("is stored as settled: at its own price, at the table's, or at none", async () => {
    const place = await aPlace();
    const spend = spending();
    await spend.record(place, { model: 'gpt-9', usage: USED, costUsd: 0.25 });
    await spend.record(place, { model: MODEL, usage: USED, costUsd: null });
    await spend.record(place, { model: 'gpt-9', usage: USED, costUsd: null });
    expect(await spentOf(place.planId)).toBe(250_000 + COST);
    expect(await harness.db.modelCall.count({ where: { status: 'settled' } })).toBe(3);
    const { kept, counted } = await sums();
    expect(kept).toEqual(counted);
  });

  it('is spent, whoever has the attempt now, and above any limit', async () => {
    const place = await aPlace({ budget: { plan: 0.1 } });
    await harness.sql.rows(`UPDATE task_attempts SET token = token + 1`);
    await spending().record(place, { model: MODEL, usage: USED, costUsd: 5 });
    expect(await spentOf(place.planId)).toBe(5_000_000);
    const nobody = { ...place, attemptId: uuid() };
    await expect(spending().record(nobody, { model: MODEL, usage: USED, costUsd: 5 })).rejects.toBeInstanceOf(
      Fenced,
    );
  });

  it('leaves what the tightest limit leaves, in USD', async () => {
    const place = await aPlace({ budget: { plan: 1, attempt: 0.5 } });
    expect(await spending().left(place)).toBe(0.5);
    await spending().record(place, { model: MODEL, usage: USED, costUsd: 0.4 });
    expect(await spending().left(place)).toBe(0.1);
    await spending().record(place, { model: MODEL, usage: USED, costUsd: 0.2 });
    await expect(spending().left(place)).rejects.toMatchObject({ scope: 'attempt' });
    expect(await spending().left(await aPlace())).toBeNull();
  });
});

describe('an archived plan', () => {
  it('stays as it was sealed: what was open is not settled, and nothing is added', async () => {
    const place = await aPlace();
    const reservation = await spending().reserve(place, CALL);
    await harness.sql.rows(`DO $$ BEGIN SET session_replication_role = replica;
      UPDATE plans SET status = 'archived', archive = '{}'; SET session_replication_role = origin; END $$`);
    await spending().settle(reservation, USED);
    expect(await spentOf(place.planId)).toBe(WORST);
    await expect(spending().reserve(place, CALL)).rejects.toBeInstanceOf(Fenced);
    await expect(harness.sql.rows('DELETE FROM model_calls')).rejects.toThrow(/archived/);
  });
});
