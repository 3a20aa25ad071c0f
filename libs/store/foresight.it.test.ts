import { decideStepsDone } from '#domain/plan/decisions/execution.js';
import { pausePlan } from '#engine/commands/pause-plan.command.js';
import { startPlan } from '#engine/commands/start-plan.command.js';
import type { ClaimedPlace } from '#engine/ports/steps.port.js';
import { claimFairest } from '#engine/work/claim-attempt.js';
import { EngineHarness } from '#testing/engine-harness.js';
import type { PhaseShape } from '#testing/plan-builder.js';

/** A step whose end was looked at ahead ends as any other does, and not on what has changed since. */

let harness: EngineHarness;

beforeEach(async () => {
  harness = await EngineHarness.open();
});
afterEach(() => harness.close());

const NONE = { effect: 'none' } as const;
const CHAIN: PhaseShape[] = [
  { tasks: ['a', 'b', 'c'].map((key, at) => ({ key, ...NONE, dependsOn: ['a', 'b'].slice(at - 1, at) })) },
];

async function begun(phases = CHAIN, concurrency = 10): Promise<{ planId: string; step: ClaimedPlace }> {
  const planId = await harness.stores.plan(phases, { concurrency });
  await startPlan(harness.deps, { planId, actorId: harness.stores.ownerId });
  const { id } = await harness.stores.db.taskAttempt.findFirstOrThrow({
    where: { planId, status: 'queued' },
  });
  const [step] = await claimFairest(harness.deps, { planId, attemptId: id });
  if (step === undefined) throw new Error('nothing to claim');
  return { planId, step };
}

interface Seen {
  readonly running: number;
  readonly status: string;
  readonly othersQueued: boolean;
  readonly ready: readonly number[];
}

/** Ends a step. @returns what each try of it saw */
async function end(planId: string, step: ClaimedPlace): Promise<Seen[]> {
  const seen: Seen[] = [];
  await harness.stores.store.withSteps(planId, [step], async (tx, { running, othersQueued }) => {
    const steps = [...running.values()].map((found) => ({ ...found, done: { output: '', result: null } }));
    const { status } = tx.plan;
    await tx.apply(decideStepsDone(tx.plan, steps), harness.deps.systemActorId);
    const { ready } = await tx.dispatchState();
    seen.push({ running: steps.length, status, othersQueued, ready: ready.map(({ task }) => task.number) });
    return [];
  });
  return seen;
}

/** Looks ahead at the end of a step, in a transaction that changes nothing. */
async function foresee(planId: string, step: ClaimedPlace): Promise<void> {
  await harness.stores.store.withSteps(planId, [], async () => [step]);
}

const SECOND = { running: 1, status: 'running', othersQueued: false, ready: [2] };

it('sees what it would without, in one try', async () => {
  const { planId, step } = await begun();
  await foresee(planId, step);
  expect(await end(planId, step)).toEqual([SECOND]);
  const events = await harness.stores.db.planEvent.findMany({ where: { planId }, orderBy: { seq: 'asc' } });
  const times = events.map(({ at }) => at.getTime());
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(events.at(-1)).toMatchObject({ type: 'task.completed', seq: events.length });
});

it('a plan that was changed meanwhile is looked at anew, and nothing is written twice', async () => {
  const { planId, step } = await begun();
  await foresee(planId, step);
  await pausePlan(harness.deps, { planId, actorId: harness.stores.ownerId });
  const [stale, fresh, ...more] = await end(planId, step);
  expect([stale, more]).toEqual([SECOND, []]);
  expect(fresh).toMatchObject({ running: 1, status: 'pausing', ready: [] });
  const where = { planId, type: 'task.completed' };
  expect(await harness.stores.db.planEvent.count({ where })).toBe(1);
});

it('a change that is under way is waited for, and seen', async () => {
  const { planId, step } = await begun();
  await foresee(planId, step);
  let ended: Promise<Seen[]> = Promise.resolve([]);
  await harness.stores.sql.transaction(async (tx) => {
    await tx.rows('SELECT 1 FROM plans WHERE id = $1 FOR UPDATE', [planId]);
    ended = end(planId, step);
    // It waits for the lock by now, or will find what this leaves.
    await tx.rows('SELECT pg_sleep(0.1)');
    tx.send(`UPDATE plans SET status = 'paused' WHERE id = $1`, [planId]);
  });
  expect((await ended).map(({ status }) => status)).toEqual(['running', 'paused']);
});

it('a step that somebody else ended is not ended again', async () => {
  const { planId, step } = await begun();
  await foresee(planId, step);
  await harness.stores.onPlan(planId, async (tx) => {
    const attempt = await tx.attempt(step.attemptId);
    if (attempt === null) throw new Error('the step runs');
    const slice = await tx.slice(step.taskId);
    const steps = [{ attempt, slice, done: { output: '', result: null } }];
    await tx.apply(decideStepsDone(tx.plan, steps), harness.deps.systemActorId);
  });
  expect((await end(planId, step)).map(({ running }) => running)).toEqual([1, 0]);
  const where = { planId, type: 'task.completed' };
  expect(await harness.stores.db.planEvent.count({ where })).toBe(1);
});

it('an attempt of another plan that came to wait for a worker is seen', async () => {
  const { planId, step } = await begun();
  await foresee(planId, step);
  const other = await harness.stores.plan(CHAIN, { concurrency: 10 });
  await startPlan(harness.deps, { planId: other, actorId: harness.stores.ownerId });
  expect((await end(planId, step)).map(({ othersQueued }) => othersQueued)).toEqual([false, true]);
});

it('serves each of the steps that run, where nothing waits for them', async () => {
  const apart = [{ tasks: ['a', 'b', 'c', 'd'].map((key) => ({ key, ...NONE })) }];
  const { planId, step } = await begun(apart, 2);
  const [other] = await claimFairest(harness.deps, { planId, attemptId: planId });
  if (other === undefined) throw new Error('nothing to claim');
  expect(await end(planId, other)).toEqual([{ ...SECOND, ready: [3, 4] }]);
  expect(await end(planId, step)).toEqual([{ ...SECOND, ready: [3, 4] }]);
});
