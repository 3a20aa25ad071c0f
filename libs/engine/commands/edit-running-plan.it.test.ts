import { EngineHarness } from '#testing/engine-harness.js';
import { PlanDriver } from '#testing/plan-driver.js';
import { addPhase } from './add-phase.command.js';
import { addTask } from './add-task.command.js';
import { claimTask } from './claim-task.command.js';
import { completeTask } from './complete-task.command.js';
import { deletePhase } from './delete-phase.command.js';
import { deleteTask } from './delete-task.command.js';
import { pausePlan } from './pause-plan.command.js';
import { releaseTask } from './release-task.command.js';
import { resumePlan } from './resume-plan.command.js';
import { retryTask } from './retry-task.command.js';
import { skipTask } from './skip-task.command.js';
import { updatePlan } from './update-plan.command.js';
import { updateTask } from './update-task.command.js';

/** What an edit makes of a plan that runs. Tasks are external: they go on when a person says so. */

let harness: EngineHarness;
let planId: string;
let driver: PlanDriver;

const EXTERNAL = { external: {} };
const PHASE = {
  name: 'More',
  description: '',
  mode: 'parallel' as const,
  atEnd: 'continue' as const,
  concurrency: null,
  successCriteria: [],
};

beforeEach(async () => {
  harness = await EngineHarness.open();
  const executor = { kind: 'external' as const };
  planId = await harness.stores.plan([
    { tasks: ['one', 'two'].map((key) => ({ key, executor })) },
    { tasks: [{ key: 'three', executor, dependsOn: ['one'] }] },
  ]);
  driver = new PlanDriver(harness, planId);
  await driver.start();
});
afterEach(async () => {
  await driver.expectCounters();
  await harness.close();
});

const names = () => ({ planId, actorId: harness.stores.ownerId });
const task = (taskNumber: number) => ({ ...names(), taskNumber });
const done = (number: number) => completeTask(harness.deps, { ...task(number), note: 'done' });

async function statuses(): Promise<Record<string, string>> {
  const where = { planId };
  const rows = await harness.stores.db.planTask.findMany({ where, orderBy: { number: 'asc' } });
  return Object.fromEntries(rows.map(({ key, status }) => [key, status]));
}

async function planAndPhases(): Promise<string[]> {
  const { db } = harness.stores;
  const plan = await db.plan.findUniqueOrThrow({ where: { id: planId } });
  const phases = await db.phase.findMany({ where: { planId }, orderBy: { position: 'asc' } });
  return [plan.status, ...phases.map(({ status }) => status)];
}

async function phaseId(position: number): Promise<string> {
  const where = { planId_position: { planId, position } };
  return (await harness.stores.db.phase.findUniqueOrThrow({ where })).id;
}

async function told(): Promise<unknown[]> {
  const where = { planId, type: 'task.awaiting_claim' };
  const events = await harness.stores.db.planEvent.findMany({ where, orderBy: { seq: 'asc' } });
  return events.map(({ payload }) => (payload as { task: number }).task);
}

it('a task that is added starts at once; a worker gets what an edit made ready', async () => {
  const command = { command: 'true', timeout: 60 };
  await addTask(harness.deps, {
    ...names(),
    phase: 1,
    task: { title: 'New', executor: command, dependsOn: [] },
  });
  expect(await statuses()).toMatchObject({ 'task-4': 'queued' });
  await updateTask(harness.deps, { ...task(2), changes: { executor: command } });
  expect(await statuses()).toMatchObject({ two: 'queued' });
  const refused = updateTask(harness.deps, { ...task(2), changes: { title: 'x' } });
  await expect(refused).rejects.toMatchObject({
    code: 'conflict',
    message: 'Task 1.2 is queued; its title cannot change.',
  });
});

it('a dependency makes a ready task wait, and without it it is ready', async () => {
  await updateTask(harness.deps, { ...task(2), changes: { dependsOn: ['one'] } });
  expect(await statuses()).toMatchObject({ one: 'ready', two: 'pending' });
  await updateTask(harness.deps, { ...task(2), changes: { dependsOn: [] } });
  expect(await statuses()).toMatchObject({ two: 'ready' });
  await done(1);
  await updateTask(harness.deps, { ...task(2), changes: { dependsOn: ['one'] } });
  expect(await statuses()).toMatchObject({ one: 'completed', two: 'ready' });
});

it('behind a skipped task whose work is missing a task is blocked; not where it counts', async () => {
  await skipTask(harness.deps, { ...task(1), satisfies: false });
  expect(await statuses()).toMatchObject({ three: 'blocked' });
  await updateTask(harness.deps, { ...task(3), changes: { dependsOn: [] } });
  expect(await statuses()).toMatchObject({ three: 'pending' });
  await updateTask(harness.deps, { ...task(2), changes: { dependsOn: ['one'] } });
  expect(await statuses()).toMatchObject({ two: 'blocked' });
  expect(await planAndPhases()).toEqual(['paused', 'running', 'pending']);
  await skipTask(harness.deps, { ...task(1), satisfies: true });
  expect(await statuses()).toMatchObject({ two: 'ready' });
});

it('the last open task of a running phase can be deleted: what follows begins', async () => {
  await done(1);
  await deleteTask(harness.deps, task(2));
  expect(await planAndPhases()).toEqual(['running', 'completed', 'running']);
  expect(await statuses()).toEqual({ one: 'completed', three: 'ready' });
  await deleteTask(harness.deps, task(3));
  expect(await planAndPhases()).toEqual(['completed', 'completed', 'completed']);
  await expect(updatePlan(harness.deps, { ...names(), changes: { name: 'x' } })).rejects.toThrow(
    'Plan 1 is completed; it cannot be edited.',
  );
});

it('in a paused plan the last task can be replaced; phases that were deleted are not waited for', async () => {
  await done(1);
  await pausePlan(harness.deps, names());
  await deleteTask(harness.deps, task(2));
  expect(await planAndPhases()).toEqual(['paused', 'running', 'pending']);
  await addTask(harness.deps, { ...names(), phase: 1, task: { title: 'Instead', executor: EXTERNAL } });
  await deletePhase(harness.deps, { ...names(), phaseId: await phaseId(2) });
  await resumePlan(harness.deps, names());
  expect(await planAndPhases()).toEqual(['running', 'running']);
  await done(4);
  expect(await planAndPhases()).toEqual(['completed', 'completed']);
});

it('a phase that begins without tasks ends, and the next one begins', async () => {
  await addPhase(harness.deps, { ...names(), phase: { ...PHASE, position: 2 } });
  await done(1);
  await done(2);
  expect(await planAndPhases()).toEqual(['running', 'completed', 'completed', 'running']);
});

it('a failed task waits for what is put before it, once it is retried', async () => {
  await harness.stores.db.planTask.updateMany({ where: { planId, number: 2 }, data: { status: 'failed' } });
  await pausePlan(harness.deps, names());
  await addTask(harness.deps, { ...names(), phase: 1, task: { title: 'First', executor: EXTERNAL } });
  await updateTask(harness.deps, { ...task(2), changes: { dependsOn: ['task-4'], prompt: 'after it' } });
  expect(await statuses()).toMatchObject({ two: 'failed' });
  await expect(claimTask(harness.deps, task(2))).rejects.toThrow('depends on what is not done (1)');
  await retryTask(harness.deps, task(2));
  expect(await statuses()).toMatchObject({ two: 'pending' });
  await done(4);
  expect(await statuses()).toMatchObject({ two: 'ready' });
});

it('of an edit and a claim of the same task at the same moment one is refused', async () => {
  for (const key of ['one', 'two']) {
    const number = key === 'one' ? 1 : 2;
    const [claimed, edited] = await Promise.allSettled([
      claimTask(harness.deps, task(number)),
      updateTask(harness.deps, { ...task(number), changes: { dependsOn: [], prompt: 'other' } }),
    ]);
    expect(claimed.status).toBe('fulfilled');
    const row = await harness.stores.db.planTask.findFirstOrThrow({ where: { planId, number } });
    // The claim came after the edit, or the edit was refused.
    expect(row.prompt).toBe(edited.status === 'fulfilled' ? 'other' : '');
  }
});

it('people are told once of a task that waits for a claim, and again when it was given back', async () => {
  expect(await told()).toEqual([1, 2]);
  await updatePlan(harness.deps, { ...names(), changes: { concurrency: 2 } });
  await pausePlan(harness.deps, names());
  await resumePlan(harness.deps, names());
  expect(await told()).toEqual([1, 2]);
  await claimTask(harness.deps, task(1));
  await releaseTask(harness.deps, task(1));
  expect(await told()).toEqual([1, 2, 1]);
  const facts = await harness.stores.store.noticeFacts(planId);
  expect(facts?.tasks.map(({ number, status }) => [number, status])).toEqual([
    [1, 'ready'],
    [2, 'ready'],
  ]);
});
