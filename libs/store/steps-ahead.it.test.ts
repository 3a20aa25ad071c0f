import fc from 'fast-check';
import { decideStepsDone } from '#domain/plan/decisions/execution.js';
import { startPlan } from '#engine/commands/start-plan.command.js';
import type { AttemptOrder } from '#engine/work/attempt-order.js';
import { beginSteps, onSteps } from '#engine/work/begin-steps.js';
import { claimFairest } from '#engine/work/claim-attempt.js';
import { EngineHarness } from '#testing/engine-harness.js';
import type { PhaseShape } from '#testing/plan-builder.js';
import { startableAfter } from './dispatch-reads.js';
import { seePlan } from './lock-plan.js';
import type { LockedPlanTx } from './plan-tx.js';

/** What is known of a plan after steps ended and began, without a look at it, is what a look finds. */

let harness: EngineHarness;

beforeEach(async () => {
  harness = await EngineHarness.open();
});
afterEach(() => harness.close());

interface Shape {
  readonly phases: readonly PhaseShape[];
  readonly concurrency: number;
  /** How many of the running steps end together, in turn. */
  readonly ends: readonly number[];
  readonly slots: number;
}

/** Tasks of one phase, each waiting for some of those before it. */
const phase = fc
  .array(fc.array(fc.nat({ max: 5 }), { maxLength: 2 }), { minLength: 1, maxLength: 8 })
  .map((tasks) => tasks.map((back, at) => back.map((steps) => at - 1 - steps).filter((on) => on >= 0)));

const shapes: fc.Arbitrary<Shape> = fc.record({
  phases: fc.array(phase, { minLength: 1, maxLength: 2 }).map((phases) =>
    phases.map((tasks, position) => ({
      tasks: tasks.map((on, at) => ({
        key: `p${position}t${at}`,
        effect: 'none' as const,
        dependsOn: [...new Set(on)].map((before) => `p${position}t${before}`),
      })),
    })),
  ),
  concurrency: fc.integer({ min: 1, max: 6 }),
  ends: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  slots: fc.integer({ min: 1, max: 6 }),
});

/** Ends steps and begins others in their slots. @returns those, and how the transaction saw the plan when it ended */
async function turn(planId: string, ended: readonly AttemptOrder[], slots: number) {
  let seen: LockedPlanTx | undefined;
  const begun = await onSteps(harness.deps, planId, ended, async (tx, { running }) => {
    seen = tx as LockedPlanTx;
    const steps = [...running.values()].map((step) => ({ ...step, done: { output: '', result: null } }));
    expect(steps).toHaveLength(ended.length);
    await tx.apply(decideStepsDone(tx.plan, steps), harness.deps.systemActorId);
    return beginSteps(harness.deps, tx, slots);
  });
  if (seen === undefined) throw new Error('there is no such plan');
  return { begun, after: seen.after() };
}

async function compare(
  planId: string,
  after: ReturnType<LockedPlanTx['after']>,
  running: readonly AttemptOrder[],
): Promise<boolean> {
  const found = await seePlan(harness.stores.sql, planId, running);
  // Of steps that it did not look at, it knows nothing.
  if (after === null || found === null || after.steps.rows.length < running.length) return false;
  expect({ ...after.plan, now: null }).toEqual({ ...found.plan, now: null });
  const byId = (rows: (typeof found)['steps']['rows']) => new Map(rows.map((row) => [row.attempt.id, row]));
  expect(byId(after.steps.rows)).toEqual(byId(found.steps.rows));
  // Where nothing runs, a look asks for none of what follows.
  if (running.length === 0) return true;
  const taskIds = running.map(({ taskId }) => taskId);
  const unasked = await startableAfter(harness.stores.sql, planId, taskIds, false);
  expect(unasked).toEqual(found.steps.startable);
  const { startable } = after.steps;
  if (startable === null) return true;
  const slots = found.plan.concurrency - found.plan.activeTasks + running.length;
  const first = (ready: NonNullable<typeof startable>['ready']) =>
    ready.slice(0, slots).map(({ task, wait, step }) => ({ task, wait, step }));
  expect(first(startable.ready)).toEqual(first(found.steps.startable?.ready ?? []));
  // Where nothing can start, nobody counts what waits.
  const { ready = [], unclaimed } = found.steps.startable ?? {};
  if (ready.length > 0) expect(startable.unclaimed).toBe(unclaimed);
  return true;
}

it('in plans of any shape, whichever steps end together', async () => {
  let known = 0;
  const property = fc.asyncProperty(shapes, async ({ phases, concurrency, ends, slots }) => {
    const planId = await harness.stores.plan(phases, { concurrency });
    await startPlan(harness.deps, { planId, actorId: harness.stores.ownerId });
    let running: AttemptOrder[] = [];
    for (let at = 0; ; at += 1) {
      running.push(...(await claimFairest(harness.deps, { planId, attemptId: planId }, slots)));
      if (running.length === 0) break;
      const ended = running.splice(0, ends[at % ends.length]);
      const { begun, after } = await turn(planId, ended, slots);
      running = [...running, ...begun];
      if (await compare(planId, after, running)) known += 1;
    }
    const plan = await harness.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
    expect(plan).toMatchObject({ status: 'completed', activeTasks: 0, openPhases: 0 });
    const tasks = phases.reduce((sum, of) => sum + of.tasks.length, 0);
    expect(await harness.stores.db.taskAttempt.count({ where: { planId, status: 'passed' } })).toBe(tasks);
    expect(await harness.stores.db.planTask.count({ where: { planId, openDependencies: 0 } })).toBe(tasks);
  });
  await fc.assert(property, { numRuns: 25, endOnFailure: true });
  expect(known).toBeGreaterThan(10);
});

it('what is held back for the next write is written before anything is read', async () => {
  const phases = [{ tasks: ['a', 'b'].map((key) => ({ key, effect: 'none' as const })) }];
  const planId = await harness.stores.plan(phases, { concurrency: 1 });
  await startPlan(harness.deps, { planId, actorId: harness.stores.ownerId });
  const [order] = await claimFairest(harness.deps, { planId, attemptId: planId });
  if (order === undefined) throw new Error('nothing to claim');
  let status: string | undefined;
  await onSteps(harness.deps, planId, [order], async (tx, { running }) => {
    const steps = [...running.values()].map((step) => ({ ...step, done: { output: '', result: null } }));
    await tx.apply(decideStepsDone(tx.plan, steps), harness.deps.systemActorId);
    status = (await tx.task(order.taskId)).status;
    return beginSteps(harness.deps, tx, 1);
  });
  expect(status).toBe('completed');
});
