import { v7 as uuid } from 'uuid';
import { DecisionBuilder } from '#domain/plan/decision.js';
import { decideCancel } from '#domain/plan/decisions/cancel-plan.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { MAX_ITERATION_CLAIMS, type RememberedAnswer } from '../ports/iteration.port.js';
import { onPlan } from '../unit-of-work.js';
import {
  IterationFailed,
  workIteration,
  type IterationInHand,
  type IterationWork,
} from './iteration-work.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { Reconciler } from './reconcile.js';

const NEVER = new AbortController().signal;
const USAGE = { inputTokens: 7, outputTokens: 5, cacheWriteTokens: 3, cacheReadTokens: 2 };
const ANSWER: RememberedAnswer = {
  hash: 'h',
  answer: { content: [{ type: 'text', text: 'yes' }], stop: 'end', usage: USAGE, model: 'm-1' },
};

let harness: EngineHarness;
let kit: GitTestKit;
let planId: string;

beforeAll(async () => {
  harness = await EngineHarness.open();
  kit = await GitTestKit.create();
});
afterAll(async () => {
  await harness.close();
  await kit.remove();
});
beforeEach(async () => {
  planId = await harness.stores.plan([{ tasks: [{ key: 'a' }] }]);
});

async function asked(): Promise<string> {
  const id = uuid();
  await onPlan(harness.deps, planId, (tx) => {
    const builder = new DecisionBuilder(tx.plan);
    const request = { title: 'Reviewed', of: 'everything' };
    builder.add({ entity: 'new_iteration', id, kind: 'review', summary: 'asked', changes: [], request });
    return tx.apply(builder.deliver('review', id, 1).done(), harness.stores.ownerId);
  });
  return id;
}

const stored = (id: string) => harness.stores.db.planIteration.findUniqueOrThrow({ where: { id } });
const expire = (id: string) =>
  harness.stores.sql.rows(
    `UPDATE plan_iterations SET lease_until = clock_timestamp() - interval '1 second' WHERE id = $1`,
    [id],
  );
const review = (carryOut: (inHand: IterationInHand) => Promise<void>): IterationWork => ({
  kind: 'review',
  carryOut,
  failed: (tx, order, message) =>
    tx.apply(
      new DecisionBuilder(tx.plan).event('review.failed', { iteration: order.number, message }).done(),
      order.actorId,
    ),
});
const good = review((inHand) =>
  inHand.succeed(() => Promise.resolve({ summary: 'done', changes: [1], result: { suggestions: 0 } })),
);
const run = (work: IterationWork, id: string) => workIteration(harness.deps, work, id, NEVER);
const events = async (type: string) => harness.stores.db.planEvent.count({ where: { planId, type } });

it('is written once, however often it is delivered', async () => {
  const id = await asked();
  expect(await stored(id)).toMatchObject({ number: 2, status: 'queued', deliveries: 1 });
  await Promise.all([run(good, id), run(good, id)]);
  expect(await stored(id)).toMatchObject({
    status: 'succeeded',
    summary: 'done',
    changes: [1],
    result: { suggestions: 0 },
    token: 1,
    leaseUntil: null,
  });
  await run(good, id);
  expect(await stored(id)).toMatchObject({ token: 1 });
});

it('fails with its reason and the text that could not be used, and says so in the same transaction', async () => {
  const id = await asked();
  await run(
    review(() => Promise.reject(new IterationFailed('that is no plan', 'Sure! \0 Here'))),
    id,
  );
  expect(await stored(id)).toMatchObject({
    status: 'failed',
    message: 'that is no plan',
    rawText: 'Sure! \uFFFD Here',
  });
  expect(await events('review.failed')).toBe(1);
});

it('is brought back by the reconciler when its worker died, and the next one finds what was paid for', async () => {
  const id = await asked();
  const died = review(async ({ order }) => {
    await harness.deps.store.rememberAnswer(order, { model: 'm-1', usage: USAGE, remembered: ANSWER });
    throw new Error('never comes so far as to be written');
  });
  const gone = new AbortController();
  gone.abort();
  await workIteration(harness.deps, died, id, gone.signal);
  expect(await stored(id)).toMatchObject({
    status: 'running',
    model: 'm-1',
    inputTokens: 7,
    outputTokens: 5,
  });
  await expire(id);
  await harness.stores.sql.rows(
    `UPDATE plan_iterations SET delivered_at = clock_timestamp() - interval '1 hour' WHERE id = $1`,
    [id],
  );
  await new Reconciler({ ...harness.deps, git: kit.worker() }).tick();
  expect(await stored(id)).toMatchObject({ deliveries: 2 });
  const seen: unknown[] = [];
  await run(
    review(async (inHand) => {
      seen.push(...inHand.order.answers);
      await good.carryOut(inHand);
    }),
    id,
  );
  expect(seen).toEqual([ANSWER]);
  expect(await stored(id)).toMatchObject({ status: 'succeeded', token: 2, answers: [], inputTokens: 7 });
});

it('fails once its workers died too often', async () => {
  const id = await asked();
  for (let claims = 0; claims < MAX_ITERATION_CLAIMS; claims += 1) {
    expect(await harness.deps.store.claimIteration('review', id)).not.toBeNull();
    await expire(id);
  }
  await run(good, id);
  expect(await stored(id)).toMatchObject({ status: 'failed', message: expect.stringContaining('died') });
});

it('changes nothing any more once another worker has it', async () => {
  const id = await asked();
  await run(
    review(async (inHand) => {
      await expire(id);
      await harness.deps.store.claimIteration('review', id);
      await good.carryOut(inHand);
    }),
    id,
  );
  expect(await stored(id)).toMatchObject({ status: 'running', token: 2, summary: 'asked' });
});

it('is claimed by nobody as something else, and keeps its lease across epochs', async () => {
  const id = await asked();
  expect(await harness.deps.store.claimIteration('generate', id)).toBeNull();
  await harness.deps.store.claimIteration('review', id);
  await harness.stores.sql.rows('UPDATE plans SET epoch = epoch + 1 WHERE id = $1', [planId]);
  expect(await harness.deps.store.renew({ entity: 'review', id, token: 1 })).toBe(true);
  expect(await harness.deps.store.renew({ entity: 'generation', id, token: 1 })).toBe(false);
});

it('ends with a cancelled plan: whoever was at it writes nothing', async () => {
  await harness.stores.sql.rows(`UPDATE plans SET status = 'running' WHERE id = $1`, [planId]);
  const id = await asked();
  await run(
    review(async (inHand) => {
      await harness.stores.onPlan(planId, (tx) =>
        tx.apply(decideCancel(tx.plan, null), harness.stores.ownerId),
      );
      await good.carryOut(inHand);
    }),
    id,
  );
  expect(await stored(id)).toMatchObject({ status: 'failed', message: 'the plan was cancelled' });
  await run(good, id);
  expect(await stored(id)).toMatchObject({ status: 'failed' });
});
