import { decideStepsDone } from '#domain/plan/decisions/execution.js';
import type { DispatchState } from '#domain/plan/decisions/dispatch.js';
import { startPlan } from '#engine/commands/start-plan.command.js';
import type { PlanTx } from '#engine/ports/store.port.js';
import type { FoundSteps } from '#engine/ports/steps.port.js';
import type { AttemptOrder } from '#engine/work/attempt-order.js';
import { claimFairest } from '#engine/work/claim-attempt.js';
import { EngineHarness } from '#testing/engine-harness.js';
import type { PhaseShape } from '#testing/plan-builder.js';

/** What is read ahead of the end of steps must be what is there afterwards. */

let harness: EngineHarness;

beforeEach(async () => {
  harness = await EngineHarness.open();
});
afterEach(() => harness.close());

const NONE = { effect: 'none' } as const;
const WAIT = { kind: 'wait', seconds: 60, until: null, event: null, timeoutSeconds: null } as const;

/** Two roots; what hangs on one of them, on both, and on what is not done. */
const PHASE: PhaseShape = {
  tasks: [
    { key: 'a', ...NONE },
    { key: 'b', ...NONE },
    { key: 'on-a', ...NONE, dependsOn: ['a'] },
    { key: 'on-both', ...NONE, dependsOn: ['a', 'b'] },
    { key: 'on-on-a', ...NONE, dependsOn: ['on-a'] },
    { key: 'waits', ...NONE, dependsOn: ['a'], executor: WAIT },
    { key: 'outside', dependsOn: ['a'], executor: { kind: 'external' } },
    { key: 'changes', dependsOn: ['b'] },
  ],
};

async function running(phases: readonly PhaseShape[], count: number) {
  const planId = await harness.stores.plan(phases, { concurrency: 10 });
  await startPlan(harness.deps, { planId, actorId: harness.stores.ownerId });
  const orders: AttemptOrder[] = [];
  for (let step = 0; step < count; step += 1) {
    const attempt = await harness.stores.db.taskAttempt.findFirstOrThrow({
      where: { planId, status: 'queued' },
      orderBy: { task: { number: 'asc' } },
    });
    const [order] = await claimFairest(harness.deps, { planId, attemptId: attempt.id });
    if (order === undefined) throw new Error('nothing to claim');
    orders.push(order);
  }
  return { planId, orders };
}

async function end(tx: PlanTx, found: FoundSteps): Promise<void> {
  const steps = [...found.running.values()].map((step) => ({ ...step, done: { output: '', result: null } }));
  await tx.apply(decideStepsDone(tx.plan, steps), harness.deps.systemActorId);
}

/** The phases are as they were before the steps ended: a dispatch does not ask what is open in them. */
const shown = ({ ready, unclaimed, stuckPhase, plan }: DispatchState) => ({
  ready: ready.map(({ task, wait, step, phase }) => ({ task, wait, step, phase: phase.id })),
  unclaimed,
  stuckPhase,
  active: plan.activeTasks,
});

const APPROVED: PhaseShape = { ...PHASE, approval: 'before_task' };

it.each([
  ['one of several', [PHASE], 1, 1],
  ['several at once', [PHASE], 2, 2],
  ['the last of a phase', [{ tasks: [{ key: 'last', ...NONE }] }, APPROVED], 1, 1],
] as const)('is what a look afterwards finds: %s', async (_, phases, claimed, ended) => {
  const { planId, orders } = await running(phases, claimed);
  let ahead: DispatchState | undefined;
  await harness.stores.store.withSteps(planId, orders.slice(0, ended), async (tx, found) => {
    expect(found.running.size).toBe(ended);
    await end(tx, found);
    ahead = await tx.dispatchState();
    return [];
  });
  const after = await harness.stores.onPlan(planId, (tx) => tx.dispatchState());
  expect(ahead?.ready.length).toBeGreaterThan(0);
  expect(ahead && shown(ahead)).toEqual(shown(after));
});

it('steps that are not running any more, or are of another plan, are not found', async () => {
  const { planId, orders } = await running([PHASE], 2);
  const other = await running([PHASE], 1);
  const [gone, there] = orders;
  if (gone === undefined || there === undefined) throw new Error('two steps run');
  await harness.stores.db.taskAttempt.update({
    where: { id: gone.attemptId },
    data: { status: 'cancelled', leaseUntil: null },
  });
  let found: string[] = [];
  const steps = [gone, there, ...other.orders];
  await harness.stores.store.withSteps(planId, steps, async (_, { running: still }) => {
    found = [...still.keys()];
    return [];
  });
  expect(found).toEqual([there.attemptId]);
});
