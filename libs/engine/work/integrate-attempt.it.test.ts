import { join } from 'node:path';
import { createAgents } from '#agents/agents-adapter.js';
import { createChecks } from '#checks/checks-adapter.js';
import { createFacts } from '#facts/facts-adapter.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { createOrigin, git } from '#testing/git-repositories.js';
import { testSandbox } from '#testing/sandbox.js';
import type { Sandbox } from '#sandbox/sandbox.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { PostgresLedger } from '#store/ledger.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { createPlan } from '../commands/create-plan.command.js';
import { startPlan } from '../commands/start-plan.command.js';
import type { GitPort } from '../ports/git.port.js';
import { AttemptRunner } from './attempt-runner.js';
import { integrateAttempt } from './integrate-attempt.js';
import { verifyCommit } from './verify-commit.js';
import { spendOn } from '#testing/spend.js';

/** The lane on a real database, a real queue and real git: what a worker that dies or sleeps in it leaves behind. */

const NEVER = new AbortController().signal;
const TWO_TASKS = {
  name: 'Two files',
  phases: [
    {
      name: 'Write',
      mode: 'parallel',
      tasks: ['a', 'b'].map((name) => ({
        key: name,
        title: name,
        executor: { command: `echo ${name} > ${name}.txt` },
      })),
    },
  ],
};

let harness: EngineHarness;
let kit: GitTestKit;
let scenes: StoreScenes;
let port: GitPort;
let sandbox: Sandbox;
let planId: string;

beforeEach(async () => {
  harness = await EngineHarness.open();
  kit = await GitTestKit.create();
  scenes = new StoreScenes(harness.stores);
  port = kit.worker();
  sandbox = await testSandbox();
  const repository = await createOrigin(await kit.folder.next('origin'));
  const deps = { ...harness.deps, git: port };
  const actorId = harness.stores.ownerId;
  planId = (await createPlan(deps, { repository, plan: { value: TWO_TASKS }, actorId })).id;
  await startPlan(deps, { planId, actorId });
});

afterEach(async () => {
  await harness.close();
  await kit.remove();
});

function deps(gitPort: GitPort = port) {
  return {
    ...harness.deps,
    git: gitPort,
    workspaces: kit.workspaces(gitPort),
    agents: createAgents({ command: { sandbox } }),
    facts: createFacts(),
    checks: createChecks({ sandbox }),
    ledger: new PostgresLedger(harness.stores.sql),
    spend: spendOn(harness.stores),
  };
}

/** Runs a task up to its candidate's verdict. @returns its integration */
async function ready(number: number): Promise<{ planId: string; integrationId: string }> {
  const attempt = await scenes.attempt(planId, number);
  await new AttemptRunner(deps(), 1, NEVER).deliver({ planId, attemptId: attempt.id });
  await verifyCommit(deps(), { planId, runId: (await scenes.run(planId, number)).id }, NEVER);
  return { planId, integrationId: (await scenes.integration(planId, number)).id };
}

/** The worker's own git, but its process dies at the push: before it, or right after it. */
function dyingAtPush(when: 'before' | 'after'): GitPort {
  return {
    ...port,
    async pushPlanBranch(input) {
      if (when === 'after') await port.pushPlanBranch(input);
      throw new Error('killed');
    },
  };
}

async function branch(): Promise<string[]> {
  const plan = await harness.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
  const hub = join(kit.hubBase, `${plan.repositoryId}.git`);
  const log = await git(hub, 'log', '--format=%s', `${plan.baseCommit}..${plan.branch}`, '--');
  return log.split('\n');
}

async function statusOf(number: number): Promise<string> {
  return (await scenes.task(planId, number)).status;
}

describe.each(['before', 'after'] as const)('a worker that dies right %s its push', (when) => {
  it('is taken over, and the task lands exactly once', async () => {
    const job = await ready(1);
    await expect(integrateAttempt(deps(dyingAtPush(when)), job, NEVER)).rejects.toThrow('killed');
    expect((await scenes.integration(planId, 1)).status).toBe('pushing');

    await integrateAttempt(deps(), job, NEVER);
    expect(await statusOf(1)).toBe('integrating');

    await scenes.setLeases(planId, 'expired');
    await integrateAttempt(deps(kit.worker('second')), job, NEVER);
    expect(await statusOf(1)).toBe('completed');
    expect(await branch()).toEqual(['a']);
  });
});

it('a worker that slept before its push and wakes after a take-over moves nothing', async () => {
  const job = await ready(1);
  let wake = (): void => {};
  let fellAsleep = (): void => {};
  const asleep = new Promise<void>((resolve) => (fellAsleep = resolve));
  const pushes: string[] = [];
  const sleeper: GitPort = {
    ...port,
    async pushPlanBranch(input) {
      fellAsleep();
      await new Promise<void>((resolve) => (wake = resolve));
      const push = await port.pushPlanBranch(input);
      pushes.push(push.kind);
      return push;
    },
  };
  const sleeping = integrateAttempt(deps(sleeper), job, NEVER);
  await asleep;
  await scenes.setLeases(planId, 'expired');
  await integrateAttempt(deps(dyingAtPush('before')), job, NEVER).catch(() => undefined);
  wake();
  await sleeping;
  expect(pushes).toEqual(['refused']);
  expect(await statusOf(1)).toBe('integrating');

  await scenes.setLeases(planId, 'expired');
  await integrateAttempt(deps(), job, NEVER);
  expect(await statusOf(1)).toBe('completed');
  expect(await branch()).toEqual(['a']);
});

it('the second of two candidates on one base is rebased, graded again, and lands on top', async () => {
  const [first, second] = [await ready(1), await ready(2)];
  await Promise.all([integrateAttempt(deps(), first, NEVER), integrateAttempt(deps(), second, NEVER)]);
  expect([await statusOf(1), await statusOf(2)].sort()).toEqual(['completed', 'integrating']);

  const late = (await statusOf(1)) === 'completed' ? second : first;
  const number = late === second ? 2 : 1;
  await integrateAttempt(deps(), late, NEVER);
  const run = await scenes.run(planId, number);
  expect(run).toMatchObject({ status: 'queued', integrationId: late.integrationId });
  await verifyCommit(deps(), { planId, runId: run.id }, NEVER);
  await integrateAttempt(deps(), late, NEVER);
  expect(await statusOf(number)).toBe('completed');
  expect((await branch()).sort()).toEqual(['a', 'b']);
});

it('two deliveries of one integration at once land it once', async () => {
  const job = await ready(1);
  await Promise.all([1, 2, 3].map(() => integrateAttempt(deps(), job, NEVER)));
  expect(await branch()).toEqual(['a']);
});
