import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAgents } from '#agents/agents-adapter.js';
import type { Sandbox } from '#sandbox/sandbox.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { createOrigin } from '#testing/git-repositories.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { testSandbox } from '#testing/sandbox.js';
import { createPlan } from '../commands/create-plan.command.js';
import { startPlan } from '../commands/start-plan.command.js';
import type { ExecutorDeps, OriginDeps } from '../deps.js';
import type { Delivery } from '../ports/queue.port.js';
import { AttemptRunner } from './attempt-runner.js';
import { spendOn } from '#testing/spend.js';

/** Many steps in the slots of one worker, on a real database, with real processes. */

let harness: EngineHarness;
let kit: GitTestKit;
let sandbox: Sandbox;
let repository: string;
let stop: AbortController;
let rings: Delivery[];

beforeEach(async () => {
  harness = await EngineHarness.open();
  kit = await GitTestKit.create();
  sandbox = await testSandbox({ mode: 'off', tempRoot: join(kit.folder.path, 'tmp') });
  repository = await createOrigin(await kit.folder.next('origin'), { 'a.txt': 'a' });
  stop = new AbortController();
  rings = [];
});
afterEach(async () => {
  await harness.close();
  await kit.remove();
});

/** The queue's deliveries are kept here: what they wake is called by hand. */
function deps(): ExecutorDeps & OriginDeps {
  const git = kit.worker();
  const queue = { ...harness.deps.queue, deliver: async (delivery: Delivery) => void rings.push(delivery) };
  const agents = createAgents({ command: { sandbox } });
  const spend = spendOn(harness.stores);
  return { ...harness.deps, queue, git, workspaces: kit.workspaces(git), agents, spend };
}

const journal = () => join(kit.folder.path, 'journal');
const lines = () => readFileSync(journal(), 'utf8').trim().split('\n');

async function started(count: number, executor: string, concurrency = 100): Promise<string> {
  const tasks = Array.from(
    { length: count },
    (_, n) => `{key: t${n}, title: t, effect: none, executor: ${executor}}`,
  );
  const yaml = `{name: Steps, concurrency: ${concurrency}, phases: [{name: One, mode: parallel, tasks: [${tasks.join(', ')}]}]}`;
  const actorId = harness.stores.ownerId;
  const { id: planId } = await createPlan(deps(), { repository, plan: { yaml }, actorId });
  await startPlan(deps(), { planId, actorId });
  return planId;
}

async function ring(runner: AttemptRunner): Promise<void> {
  const heard = rings.splice(0);
  await Promise.all(heard.map(({ planId, id: attemptId }) => runner.deliver({ planId, attemptId })));
  await runner.idle();
}

/** Until nothing is left on the queue. */
async function ringAll(runner: AttemptRunner): Promise<void> {
  while (rings.length > 0) await ring(runner);
}

const count = (planId: string, status: string) =>
  harness.stores.db.planTask.count({ where: { planId, status } });

it('steps go on in every free slot without the queue, and no more than the slots run at once', async () => {
  const note = `{command: 'echo start >> ${journal()}; sleep 0.2; echo end >> ${journal()}'}`;
  const planId = await started(30, note);
  const woken = rings.length;
  expect(woken).toBe(8);
  await ringAll(new AttemptRunner(deps(), 5, stop.signal));
  expect(await count(planId, 'completed')).toBe(30);
  let running = 0;
  let most = 0;
  for (const line of lines()) {
    running += line === 'start' ? 1 : -1;
    most = Math.max(most, running);
  }
  expect(lines().filter((line) => line === 'start')).toHaveLength(30);
  expect(most).toBeLessThanOrEqual(5);
  expect(most).toBeGreaterThan(1);
  const plan = await harness.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
  expect(plan).toMatchObject({ status: 'completed', activeTasks: 0, openPhases: 0 });
  expect(await harness.stores.db.taskAttempt.count({ where: { planId } })).toBe(30);
});

it('a step that is somebody else’s by now spoils none that is recorded with it', async () => {
  const planId = await started(4, `{command: 'sleep 0.3'}`, 4);
  const runner = new AttemptRunner(deps(), 4, stop.signal);
  const done = ringAll(runner);
  await new Promise((resolve) => setTimeout(resolve, 150));
  const [taken] = await harness.stores.db.taskAttempt.findMany({ where: { planId, status: 'running' } });
  await harness.stores.db.taskAttempt.update({
    where: { id: taken?.id ?? '' },
    data: { token: { increment: 1 } },
  });
  await done;
  expect(await count(planId, 'completed')).toBe(3);
  expect(await count(planId, 'executing')).toBe(1);
});

it('slots go back to the queue when an attempt of another plan waits', async () => {
  const first = await started(20, '{milestone: {}}', 4);
  const own = rings.splice(0);
  const second = await started(2, '{milestone: {}}', 4);
  const other = rings.splice(0);
  rings.push(...own.slice(0, 1));
  await ring(new AttemptRunner(deps(), 4, stop.signal));
  // One doorbell was rung: the fairest was taken, and the slot was given back to whoever waits.
  const done = (await count(first, 'completed')) + (await count(second, 'completed'));
  expect(done).toBe(1);
  rings.push(...own.slice(1), ...other);
  await ringAll(new AttemptRunner(deps(), 4, stop.signal));
  expect(await count(second, 'completed')).toBe(2);
});

it('a worker that is told to stop claims nothing more, and what ran is recorded or given back', async () => {
  const planId = await started(10, `{command: 'sleep 0.2'}`, 2);
  const runner = new AttemptRunner(deps(), 2, stop.signal);
  const done = ring(runner);
  await new Promise((resolve) => setTimeout(resolve, 100));
  stop.abort();
  await done;
  expect(await harness.stores.db.taskAttempt.count({ where: { planId, status: 'running' } })).toBe(0);
  expect(
    (await count(planId, 'completed')) + (await count(planId, 'ready')) + (await count(planId, 'queued')),
  ).toBe(10);
});
