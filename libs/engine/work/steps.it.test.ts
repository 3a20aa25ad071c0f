import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAgents } from '#agents/agents-adapter.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { createOrigin, git } from '#testing/git-repositories.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import type { Sandbox } from '#sandbox/sandbox.js';
import { nothingLeftBehind, testSandbox } from '#testing/sandbox.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { createPlan } from '../commands/create-plan.command.js';
import { pausePlan } from '../commands/pause-plan.command.js';
import { resumePlan } from '../commands/resume-plan.command.js';
import { sendSignal } from '../commands/send-signal.command.js';
import { startPlan } from '../commands/start-plan.command.js';
import type { GitPort } from '../ports/git.port.js';
import { AttemptRunner } from './attempt-runner.js';
import { Reconciler } from './reconcile.js';
import { spendOn } from '#testing/spend.js';

/** Tasks that change nothing, and waits, on a real database, a real queue, real git and real processes. */

const NEVER = new AbortController().signal;
const EXAMPLE = readFileSync('examples/release-checks/plan.yaml', 'utf8');

let harness: EngineHarness;
let kit: GitTestKit;
let scenes: StoreScenes;
let port: GitPort;
let repository: string;
let sandbox: Sandbox;

beforeEach(async () => {
  harness = await EngineHarness.open();
  kit = await GitTestKit.create();
  scenes = new StoreScenes(harness.stores);
  port = kit.worker();
  sandbox = await testSandbox({ tempRoot: join(kit.folder.path, 'tmp'), secret: [kit.folder.path] });
  repository = await createOrigin(await kit.folder.next('origin'), { 'a.txt': 'a', 'b.txt': 'b' });
});
afterEach(async () => {
  await harness.close();
  await kit.remove();
});

function deps() {
  return {
    ...harness.deps,
    git: port,
    workspaces: kit.workspaces(port),
    agents: createAgents({ command: { sandbox } }),
    spend: spendOn(harness.stores),
  };
}

const actor = () => ({ actorId: harness.stores.ownerId });

async function started(yaml: string): Promise<string> {
  const { id: planId } = await createPlan(deps(), { repository, plan: { yaml }, ...actor() });
  await startPlan(deps(), { planId, ...actor() });
  return planId;
}

const planOf = (tasks: string) =>
  `name: Steps\nphases:\n  - name: One\n    mode: parallel\n    tasks:\n${tasks.replace(/^/gm, '      ')}\n`;

/** A worker with one slot takes every attempt that waits. */
async function work(planId: string): Promise<void> {
  const next = () => harness.stores.db.taskAttempt.findFirst({ where: { planId, status: 'queued' } });
  for (let attempt = await next(); attempt !== null; attempt = await next()) {
    const runner = new AttemptRunner(deps(), 1, NEVER);
    await runner.deliver({ planId, attemptId: attempt.id });
    await runner.idle();
  }
}

async function statuses(planId: string): Promise<Record<string, string>> {
  const rows = await harness.stores.db.planTask.findMany({ where: { planId }, orderBy: { number: 'asc' } });
  return Object.fromEntries(rows.map(({ key, status }) => [key, status]));
}

const plan = (planId: string) => harness.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
const tick = () => new Reconciler(deps()).tick();

/** As if the waits of the plan had begun long ago. */
async function waitsAreOver(planId: string): Promise<void> {
  const where = { planId, status: 'waiting', notBefore: { not: null } };
  await harness.stores.db.planTask.updateMany({ where, data: { notBefore: new Date(Date.now() - 1_000) } });
}

it('the example runs to its end, and leaves no commit, no candidate, no snapshot and no run behind', async () => {
  const planId = await started(EXAMPLE);
  await work(planId);
  expect(await statuses(planId)).toMatchObject({
    inventory: 'completed',
    machine: 'completed',
    looked: 'completed',
    released: 'waiting',
    settle: 'pending',
  });
  expect((await plan(planId)).activeTasks).toBe(0);
  await sendSignal(deps(), { planId, ...actor(), name: 'released', data: { version: '1.4.0' } });
  expect(await statuses(planId)).toMatchObject({ released: 'completed', settle: 'waiting' });
  await waitsAreOver(planId);
  await tick();
  await work(planId);
  expect(await plan(planId)).toMatchObject({
    status: 'completed',
    tipCommit: (await plan(planId)).baseCommit,
  });

  const { db } = harness.stores;
  const [inventory] = await db.taskAttempt.findMany({ where: { planId, task: { key: 'inventory' } } });
  expect(inventory).toMatchObject({ status: 'passed', result: { files: 2 }, candidateCommit: null });
  const [note] = await db.taskAttempt.findMany({ where: { planId, task: { key: 'note' } } });
  expect(note?.output).toMatch(/^plan \d+: Release checks\n$/);
  expect(await db.planTask.count({ where: { planId, verified: { not: null } } })).toBe(0);
  expect(await db.verificationRun.count({ where: { planId } })).toBe(0);
  expect(await db.codeSnapshot.count({ where: { planId } })).toBe(0);
  expect(await db.integration.count({ where: { planId } })).toBe(0);
  expect(await git(repository, 'for-each-ref', 'refs/planwright')).toBe('');
});

it('a checkout is there to be read: what a step writes is gone with it', async () => {
  const step = (key: string, command: string) =>
    `- { key: ${key}, title: ${key}, effect: none, executor: { checkout: true, command: '${command}' } }`;
  const planId = await started(
    planOf(`${step('writes', 'cat a.txt; echo x > new.txt')}\n${step('looks', 'ls')}`),
  );
  await work(planId);
  const rows = await harness.stores.db.taskAttempt.findMany({
    where: { planId },
    orderBy: { task: { number: 'asc' } },
  });
  expect(rows.map(({ output }) => output)).toEqual(['a', 'a.txt\nb.txt\n']);
  expect((await plan(planId)).status).toBe('completed');
  await nothingLeftBehind(join(kit.folder.path, 'tmp'));
});

describe('a wait', () => {
  const forever = planOf('- { key: w, title: W, executor: { wait: { event: go } } }');

  it('needs no slot: it begins while the window is full', async () => {
    const busy = `- { key: busy, title: B, effect: none, executor: { command: 'true' } }\n`;
    const wait = `- { key: w, title: W, executor: { wait: { for: 1h } } }`;
    const planId = await started(`concurrency: 1\n${planOf(busy + wait)}`);
    expect(await statuses(planId)).toEqual({ busy: 'queued', w: 'waiting' });
  });

  it('for an event that came before it goes on by itself', async () => {
    const { id: planId } = await createPlan(deps(), { repository, plan: { yaml: forever }, ...actor() });
    await sendSignal(deps(), { planId, ...actor(), name: 'go', data: null });
    await startPlan(deps(), { planId, ...actor() });
    await tick();
    expect(await statuses(planId)).toEqual({ w: 'completed' });
  });

  it('is not ended by another event', async () => {
    const planId = await started(forever);
    await sendSignal(deps(), { planId, ...actor(), name: 'stop', data: null });
    await tick();
    expect(await statuses(planId)).toEqual({ w: 'waiting' });
  });

  it('that is not met in time fails, and the plan pauses with the reason', async () => {
    const planId = await started(
      planOf('- { key: w, title: W, executor: { wait: { event: go, timeout: 1h } } }'),
    );
    await waitsAreOver(planId);
    await tick();
    expect(await statuses(planId)).toEqual({ w: 'failed' });
    expect(await plan(planId)).toMatchObject({
      status: 'paused',
      pauseReason: 'task_failed',
      pauseNote: expect.stringContaining('the event go did not come in time'),
    });
  });

  it('is at rest while its plan is paused', async () => {
    const planId = await started(forever);
    await pausePlan(deps(), { planId, ...actor() });
    await sendSignal(deps(), { planId, ...actor(), name: 'go', data: null });
    await tick();
    expect(await statuses(planId)).toEqual({ w: 'waiting' });
    await resumePlan(deps(), { planId, ...actor() });
    await tick();
    expect((await plan(planId)).status).toBe('completed');
  });

  it('counts the first of two signals, also when they come at once', async () => {
    const planId = await started(forever);
    const sent = await Promise.all(
      [1, 2, 3].map((data) => sendSignal(deps(), { planId, ...actor(), name: 'other', data })),
    );
    expect(sent.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(sent.map(({ signal }) => JSON.stringify(signal.data))).size).toBe(1);
  });
});

describe('what a command says of its work', () => {
  const saying = (report: string, effect = 'none') =>
    planOf(
      `- key: t\n  title: T\n  effect: ${effect}\n  executor:\n    command: |\n      echo '${report}' > "$PLANWRIGHT_RESULT"`,
    );

  it('a quota parks the task until it is there again', async () => {
    const planId = await started(saying('{"outcome": "quota", "resetAt": "2099-01-01T00:00:00Z"}'));
    await work(planId);
    const task = await harness.stores.db.planTask.findFirstOrThrow({ where: { planId } });
    expect(task.status).toBe('ready');
    expect(task.notBefore?.getUTCFullYear()).toBe(2099);
  });

  it('a plan that does not fit pauses with what was found, also where files change', async () => {
    const report = '{"outcome": "needs_replan", "message": "no such module", "data": {"module": "x"}}';
    const planId = await started(saying(report, 'change'));
    await work(planId);
    expect(await plan(planId)).toMatchObject({ status: 'paused', pauseReason: 'needs_replan' });
    expect((await plan(planId)).pauseNote).toContain('no such module');
    const attempt = await scenes.attempt(planId);
    const row = await harness.stores.db.taskAttempt.findUniqueOrThrow({ where: { id: attempt.id } });
    expect(row).toMatchObject({ failure: 'needs_replan', result: { module: 'x' } });
  });
});
