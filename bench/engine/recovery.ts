import { setTimeout as sleep } from 'node:timers/promises';
import { quantileOf, recordOf } from '../record.js';
import type { EngineCase } from './case.js';
import { sleepPlan } from './plans.js';
import { withPlanwright, type Planwright, type PlanEvent } from './planwright-side.js';

const ROUNDS = 3;
const LEASE_MS = 10_000;
const WORK_SECONDS = 3;
const POLL_MS = 20;
const TIMEOUT_MS = 120_000;

/** The executor-worker is killed in the middle of a task: how long until the task is at work again. */
export const recoveryCase: EngineCase = async ({ ground, print, note }) => {
  const times = await withPlanwright(ground, {}, async (planwright) => {
    const found: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const ms = await killAndWait(planwright);
      note(`recovery, from the kill to the next start: ${Math.round(ms)} ms`);
      found.push(ms);
    }
    return found;
  });
  const head = { suite: 'engine', case: 'recovery', backend: ground.backend, n: ROUNDS, unit: 'ms' } as const;
  print(recordOf({ ...head, baseline: 'the lease' }, quantileOf(times, 0.5), LEASE_MS));
};

async function killAndWait(planwright: Planwright): Promise<number> {
  const planId = await planwright.start(sleepPlan(WORK_SECONDS));
  await started(planwright, planId, 1);
  const killedAt = await planwright.now();
  process.kill(planwright.pidOf('executor-worker'), 'SIGKILL');
  const again = await started(planwright, planId, 2);
  await planwright.completed(planId);
  return again.at - killedAt;
}

/** The so-manieth start of an attempt. */
async function started(planwright: Planwright, planId: string, nth: number): Promise<PlanEvent> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (performance.now() < deadline) {
    const events = await planwright.eventsOf(planId);
    const found = events.filter(({ type }) => type === 'attempt.started')[nth - 1];
    if (found !== undefined) return found;
    await sleep(POLL_MS);
  }
  throw new Error(`Start ${nth} of the task did not come within ${TIMEOUT_MS} ms.`);
}
