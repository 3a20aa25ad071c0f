import type { Verdict } from '#domain/spec/verdict.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { EngineWorker } from '#testing/engine-worker.js';
import { createOrigin } from '#testing/git-repositories.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { createPlan } from '../commands/create-plan.command.js';
import { retryTask } from '../commands/retry-task.command.js';
import { startPlan } from '../commands/start-plan.command.js';
import { updateTask } from '../commands/update-task.command.js';
import { waiveContract } from '../commands/waive-contract.command.js';
import { onPlan } from '../unit-of-work.js';
import { contractsOf } from '../verification/finished-tasks.js';
import { integrateAttempt } from './integrate-attempt.js';
import { verifyCommit } from './verify-commit.js';

/** What a finished task proved, on a real database, with real processes and real git. */

const NEVER = new AbortController().signal;
const FILES = {
  'src/app.ts': "import express from 'express';\nexport const app = express();\n",
  'src/users.ts': 'legacyAuth();\n',
};
const ROUTE = `echo "import { app } from './app';" > src/routes.ts; echo "app.post('/api/users', create);" >> src/routes.ts`;
const rules = (text: string, more = '') => `spec: 1\nrules:\n  - ${text}\n${more}`;
const HAS_ROUTE = rules(
  '{ id: users-route, scope: { include: [src/**] }, require: { api_routes: [POST /api/users] } }',
);
const HAS_FILE = (name: string) => rules(`{ id: made, require: { files: [${name}] } }`);
const NO_LEGACY = rules(
  '{ id: no-legacy, scope: { include: [src/**] }, forbid: { identifiers: [legacyAuth] } }',
);

let harness: EngineHarness;
let kit: GitTestKit;
let worker: EngineWorker;
let scenes: StoreScenes;
let planId: string;

beforeEach(async () => {
  harness = await EngineHarness.open();
  kit = await GitTestKit.create();
  worker = await EngineWorker.open(harness, kit);
  scenes = new StoreScenes(harness.stores);
});
afterEach(async () => {
  await harness.close();
  await kit.remove();
});

const task = (key: string, command: string, spec?: string, more: object = {}) => ({
  key,
  title: `Task ${key}`,
  executor: { command },
  maxAttempts: 2,
  ...(spec === undefined ? {} : { spec }),
  ...more,
});
const point = (key: string) => ({ key, title: key, executor: { milestone: {} } });

async function started(mode: string, ...tasks: object[]): Promise<void> {
  const repository = await createOrigin(await kit.folder.next('origin'), FILES);
  const actorId = harness.stores.ownerId;
  const plan = { value: { name: 'Contracts', phases: [{ name: 'One', mode, tasks }] } };
  planId = (await createPlan(worker.deps, { repository, plan, actorId })).id;
  await startPlan(worker.deps, { planId, actorId });
}

const plan = () => harness.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
const statusOf = async (number: number) => (await scenes.task(planId, number)).status;

async function attempts(number: number) {
  const { id: taskId } = await scenes.task(planId, number);
  return harness.stores.db.taskAttempt.findMany({ where: { taskId }, orderBy: { number: 'asc' } });
}

async function verdict(number: number) {
  const { id: taskId } = await scenes.task(planId, number);
  const run = await harness.stores.db.verificationRun.findFirstOrThrow({
    where: { taskId },
    orderBy: { id: 'desc' },
  });
  return run.verdict as unknown as Verdict;
}

/** Runs attempts on one base, as several workers would. */
async function executeAll(...numbers: number[]): Promise<void> {
  for (const number of numbers) {
    const { id: attemptId } = await scenes.attempt(planId, number);
    await worker.execute({ planId, attemptId });
  }
}

const verify = async (number: number) =>
  verifyCommit(worker.deps, { planId, runId: (await scenes.run(planId, number)).id }, NEVER);
async function land(number: number): Promise<void> {
  await executeAll(number);
  await verify(number);
  const { id: integrationId } = await scenes.integration(planId, number);
  await integrateAttempt(worker.deps, { planId, integrationId }, NEVER);
}

const contracts = async () => contractsOf(await harness.stores.store.finishedWork(planId));

describe('a task that removes what an earlier one proved', () => {
  const removal = (more: object = { maxAttempts: 1 }) =>
    started(
      'sequential',
      point('one'),
      task('route', ROUTE, HAS_ROUTE),
      point('three'),
      point('four'),
      task('removal', 'rm src/routes.ts; touch done.txt', HAS_FILE('done.txt'), more),
    );

  it('is stopped, told whose contract it is and where it stood, and pauses the plan for it', async () => {
    await removal({ maxAttempts: 2 });
    await worker.drain(planId);
    expect(await statusOf(2)).toBe('completed');
    await harness.stores.db.planTask.updateMany({ where: { planId }, data: { notBefore: null } });
    await onPlan(worker.deps, planId, async () => {});
    await worker.drain(planId);
    expect(await plan()).toMatchObject({ status: 'paused', pauseReason: 'contract_breached' });
    const [first, second] = await attempts(5);
    expect(first).toMatchObject({ status: 'rejected', failure: 'contract_breached', violationCount: 1 });
    expect(first?.message).toMatch(/2\.users-route/);
    const violation = {
      rule: 'contract:2.users-route',
      file: 'src/routes.ts',
      line: 2,
      message: expect.stringMatching(/POST \/api\/users.*task 2 "Task route"/),
    };
    expect(second?.input).toMatchObject({ violations: [violation] });
    expect(await statusOf(5)).toBe('failed');
  });

  it('may do so where it supersedes the contract, which then binds nobody', async () => {
    await removal({ supersedes: ['2.users-route'] });
    await worker.drain(planId);
    expect((await plan()).status).toBe('completed');
    expect((await contracts()).map(({ name, end }) => [name, end])).toEqual([
      ['2.users-route', { kind: 'superseded', task: 5 }],
      ['5.made', null],
    ]);
  });

  it('may do so once a person has waived the contract, which is an iteration of the plan', async () => {
    await removal();
    await worker.drain(planId);
    const actorId = harness.stores.ownerId;
    const waive = () =>
      waiveContract(worker.deps, { planId, actorId, contract: '2.users-route', note: 'gone for good' });
    await waive();
    await expect(waive()).rejects.toThrow(/waived already/);
    await retryTask(worker.deps, { planId, actorId, taskNumber: 5 });
    await worker.drain(planId);
    expect((await plan()).status).toBe('completed');
    expect((await contracts())[0]?.end).toMatchObject({
      kind: 'waived',
      actor: 'owner',
      note: 'gone for good',
    });
    const [iteration] = await harness.stores.db.planIteration.findMany({ where: { planId, kind: 'waiver' } });
    expect(iteration).toMatchObject({ actorId, summary: 'Contract 2.users-route waived: gone for good' });
  });

  it('may be given leave by an edit once it failed, and only for what an earlier task proves', async () => {
    await removal();
    await worker.drain(planId);
    const command = { planId, actorId: harness.stores.ownerId, taskNumber: 5 };
    await expect(
      updateTask(worker.deps, { ...command, changes: { supersedes: ['2.other'] } }),
    ).rejects.toMatchObject({
      problems: [{ path: 'phases[0].tasks[4].supersedes[0]', message: expect.stringMatching(/users-route/) }],
    });
    await updateTask(worker.deps, { ...command, changes: { supersedes: ['2.users-route'] } });
    await retryTask(worker.deps, command);
    await worker.drain(planId);
    expect((await plan()).status).toBe('completed');
  });
});

it('a task without a spec is bound as well', async () => {
  await started('sequential', task('route', ROUTE, HAS_ROUTE), task('free', 'git rm -q src/routes.ts'));
  await worker.drain(planId);
  expect((await attempts(2))[0]?.failure).toBe('contract_breached');
});

it('two tasks that are fine alone and not together: the second is stopped on the rebased tree', async () => {
  await started(
    'parallel',
    task('clean', 'echo ok > src/users.ts', NO_LEGACY),
    task('orders', 'echo "legacyAuth();" > src/orders.ts', HAS_FILE('src/orders.ts'), { maxAttempts: 1 }),
  );
  await executeAll(1, 2);
  await verify(1);
  await verify(2);
  expect(await statusOf(2)).toBe('integrating');
  await worker.drain(planId);
  expect(await statusOf(1)).toBe('completed');
  expect((await attempts(2))[0]).toMatchObject({ status: 'rejected', failure: 'contract_breached' });
  expect(await verdict(2)).toMatchObject({
    outcome: 'fail',
    violations: [{ rule: 'contract:1.no-legacy', file: 'src/orders.ts', line: 1 }],
  });
});

it('what was red on the base already blames nobody, and is noted', async () => {
  await started(
    'parallel',
    task('clean', 'echo ok > src/users.ts', NO_LEGACY),
    task('orders', 'echo "legacyAuth();" > src/orders.ts', undefined, { supersedes: ['clean.no-legacy'] }),
    task('more', 'echo "legacyAuth();" > src/more.ts; touch more.txt', HAS_FILE('more.txt'), {
      dependsOn: ['orders'],
    }),
  );
  await land(1);
  await land(2);
  await harness.stores.db.planTask.updateMany({ where: { planId }, data: { supersedes: [] } });
  await worker.drain(planId);
  expect(await statusOf(3)).toBe('completed');
  const items = (await verdict(3)).items.filter(({ id }) => id.startsWith('contract:'));
  expect(items).toMatchObject([
    {
      id: 'contract:1.no-legacy',
      candidate: 'red',
      attemptBase: 'red',
      violations: 0,
      note: expect.stringMatching(/nobody/),
    },
  ]);
});

it('what is proven while a candidate waits for the lane binds it, also where nothing is rebased', async () => {
  await started(
    'parallel',
    task('maker', ROUTE),
    task('proof', 'true', HAS_ROUTE, { dependsOn: ['maker'] }),
    task('removal', 'rm src/routes.ts; touch done.txt', HAS_FILE('done.txt'), {
      dependsOn: ['maker'],
      maxAttempts: 1,
    }),
  );
  await land(1);
  await executeAll(2, 3);
  await verify(3);
  await verify(2);
  expect([await statusOf(2), await statusOf(3)]).toEqual(['satisfied', 'integrating']);
  await worker.drain(planId);
  expect((await attempts(3))[0]).toMatchObject({ status: 'rejected', failure: 'contract_breached' });
});

describe('standing checks', () => {
  const check = (more = '') =>
    `spec: 1\nchecks:\n  - { id: unit, run: 'test -e made.txt && echo >> ${kit.folder.path}/runs'${more} }\n`;

  it.each([
    ['', 'contract_breached'],
    [', standing: false', null],
  ])(
    'are run again once per command on later candidates, unless the spec says otherwise%s',
    async (more, failure) => {
      await started(
        'sequential',
        task('made', 'touch made.txt', check(more)),
        task(
          'also',
          'touch other.txt',
          `${check(more)}rules:\n  - { id: other, require: { files: [other.txt] } }\n`,
        ),
        task('break', 'git rm -q made.txt; touch done.txt', HAS_FILE('done.txt'), { maxAttempts: 1 }),
      );
      await worker.drain(planId);
      expect((await attempts(3))[0]?.failure).toBe(failure);
      if (failure !== null)
        expect((await verdict(3)).violations.map(({ rule }) => rule)).toEqual(['contract:1.unit']);
    },
  );
});
