import { DomainError } from '#domain/domain-error.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { addPhase } from './add-phase.command.js';
import { addTask } from './add-task.command.js';
import { deletePhase } from './delete-phase.command.js';
import { deletePlan } from './delete-plan.command.js';
import { deleteTask } from './delete-task.command.js';
import { retryTask } from './retry-task.command.js';
import { resumePlan } from './resume-plan.command.js';
import { startPlan } from './start-plan.command.js';
import { updatePhase } from './update-phase.command.js';
import { updatePlan } from './update-plan.command.js';
import { updateTask } from './update-task.command.js';

/** Edits on a real database: all of one, or nothing. */

let harness: EngineHarness;
let planId: string;
let actorId: string;

const EXECUTOR = { command: 'true', timeout: 60 };

beforeEach(async () => {
  harness = await EngineHarness.open();
  actorId = harness.stores.ownerId;
  planId = await harness.stores.plan([
    { mode: 'sequential', tasks: [{ key: 'one' }, { key: 'two' }] },
    { mode: 'parallel', tasks: [{ key: 'three', dependsOn: ['one'] }] },
  ]);
});
afterEach(() => harness.close());

const edit = () => ({ planId, actorId });

async function phaseId(position: number): Promise<string> {
  const where = { planId_position: { planId, position } };
  return (await harness.stores.db.phase.findUniqueOrThrow({ where })).id;
}

/** Keys by phase in order, with what each waits for. */
async function structure() {
  const phases = await harness.stores.db.phase.findMany({
    where: { planId },
    orderBy: { position: 'asc' },
    include: {
      tasks: { orderBy: { place: 'asc' }, include: { dependencies: { include: { dependsOn: true } } } },
    },
  });
  return phases.map((phase) => ({
    open: phase.openTasks,
    tasks: phase.tasks.map((task) => ({
      key: task.key,
      number: task.number,
      waits: task.openDependencies,
      for: task.dependencies.map((edge) => edge.dependsOn.key).sort(),
    })),
  }));
}

it('what a person writes over a command of a model is theirs; anything else leaves it what it was', async () => {
  const { db } = harness.stores;
  await db.planTask.updateMany({ where: { planId }, data: { writtenBy: 'model' } });
  const writers = async () => {
    const tasks = await db.planTask.findMany({ where: { planId }, orderBy: { number: 'asc' } });
    return tasks.map(({ writtenBy }) => writtenBy);
  };
  await updateTask(harness.deps, { ...edit(), taskNumber: 1, changes: { prompt: 'Look again.' } });
  expect(await writers()).toEqual(['model', 'model', 'model']);
  await updateTask(harness.deps, { ...edit(), taskNumber: 2, changes: { executor: EXECUTOR } });
  expect(await writers()).toEqual(['model', 'person', 'model']);
  await db.planTask.updateMany({ where: { planId, number: 3 }, data: { status: 'failed' } });
  await startPlan(harness.deps, edit());
  const executor = { kind: 'command', command: 'false', timeoutSeconds: 60 } as const;
  await retryTask(harness.deps, { ...edit(), taskNumber: 3, executor });
  expect(await writers()).toEqual(['model', 'person', 'person']);
});

it('adds a phase and a task; numbers go on, counters and edges follow', async () => {
  const { phaseId: id } = await addPhase(harness.deps, {
    ...edit(),
    phase: {
      name: 'Last',
      description: '',
      mode: 'sequential',
      atEnd: 'continue',
      concurrency: null,
      successCriteria: [],
    },
  });
  const added = await addTask(harness.deps, {
    ...edit(),
    phaseId: id,
    task: { title: 'Fourth', executor: EXECUTOR, dependsOn: ['2', 'three'] },
  });
  expect(added.taskNumber).toBe(4);
  expect((await structure())[2]).toEqual({
    open: 1,
    tasks: [{ key: 'task-4', number: 4, waits: 2, for: ['three', 'two'] }],
  });
});

it('moves a task into another phase and order, and reorders phases', async () => {
  await updateTask(harness.deps, {
    ...edit(),
    taskNumber: 3,
    changes: { phaseId: await phaseId(1), position: 1, dependsOn: [] },
  });
  expect(await structure()).toEqual([
    {
      open: 3,
      tasks: [
        { key: 'three', number: 3, waits: 0, for: [] },
        { key: 'one', number: 1, waits: 1, for: ['three'] },
        { key: 'two', number: 2, waits: 1, for: ['one'] },
      ],
    },
    { open: 0, tasks: [] },
  ]);
  await updatePhase(harness.deps, {
    ...edit(),
    phaseId: await phaseId(2),
    changes: { position: 1, name: 'First' },
  });
  expect((await structure()).map((phase) => phase.open)).toEqual([0, 3]);
});

it('a moved task survives the phase that it left', async () => {
  const left = await phaseId(2);
  await updateTask(harness.deps, { ...edit(), taskNumber: 3, changes: { phaseId: await phaseId(1) } });
  await deletePhase(harness.deps, { ...edit(), phaseId: left });
  expect((await structure()).map((phase) => phase.tasks.map((task) => task.key))).toEqual([
    ['one', 'two', 'three'],
  ]);
});

it('a number is never given twice', async () => {
  await deleteTask(harness.deps, { ...edit(), taskNumber: 3 });
  const added = await addTask(harness.deps, {
    ...edit(),
    phaseId: await phaseId(2),
    task: { title: 'New', executor: EXECUTOR },
  });
  expect(added.taskNumber).toBe(4);
});

it.each([
  ['a cycle', () => updateTask(harness.deps, { ...edit(), taskNumber: 1, changes: { dependsOn: ['two'] } })],
  [
    'a dependency on nobody',
    () => updateTask(harness.deps, { ...edit(), taskNumber: 2, changes: { dependsOn: ['nobody'] } }),
  ],
  ['a task that others wait for', () => deleteTask(harness.deps, { ...edit(), taskNumber: 1 })],
  [
    'a spec that is none',
    () => updateTask(harness.deps, { ...edit(), taskNumber: 1, changes: { spec: 'spec: 7' } }),
  ],
  [
    'another revision',
    () => updatePlan(harness.deps, { ...edit(), expectedRevision: 7, changes: { name: 'x' } }),
  ],
])('%s is refused, and nothing is written', async (_, attempt) => {
  const before = await harness.stores.dump(planId);
  await expect(attempt()).rejects.toBeInstanceOf(DomainError);
  expect(await harness.stores.dump(planId)).toEqual(before);
});

it('every edit is one iteration with its actor and what changed, and one revision', async () => {
  await updatePlan(harness.deps, { ...edit(), expectedRevision: 1, changes: { name: 'Other' } });
  const { db } = harness.stores;
  const iterations = await db.planIteration.findMany({ where: { planId }, orderBy: { number: 'asc' } });
  expect(iterations.at(-1)).toMatchObject({
    number: iterations.length,
    kind: 'edit',
    actorId,
    changes: [{ path: 'name', after: 'Other' }],
  });
  expect(await db.plan.findUniqueOrThrow({ where: { id: planId } })).toMatchObject({
    name: 'Other',
    revision: 2,
  });
});

it('of many edits on one revision, one wins', async () => {
  const attempts = Array.from({ length: 8 }, (_, at) =>
    updatePlan(harness.deps, { ...edit(), expectedRevision: 1, changes: { name: `Name ${at}` } }),
  );
  const outcomes = await Promise.allSettled(attempts);
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
});

it('a plan with an empty phase does not start', async () => {
  await updateTask(harness.deps, { ...edit(), taskNumber: 3, changes: { phaseId: await phaseId(1) } });
  await expect(startPlan(harness.deps, edit())).rejects.toThrow('no task in phase 2');
  await deletePhase(harness.deps, { ...edit(), phaseId: await phaseId(2) });
  await startPlan(harness.deps, edit());
});

describe('deleting', () => {
  it('a plan that never started goes with its events', async () => {
    await deletePlan(harness.deps, edit());
    expect(await harness.stores.db.plan.count({ where: { id: planId } })).toBe(0);
    expect(await harness.stores.db.planEvent.count({ where: { planId } })).toBe(0);
  });

  it('a running one is refused; what ran keeps its history behind a tombstone', async () => {
    await startPlan(harness.deps, edit());
    await expect(deletePlan(harness.deps, edit())).rejects.toThrow('at work');
    await harness.stores.db.plan.update({ where: { id: planId }, data: { status: 'completed' } });
    await deletePlan(harness.deps, edit());
    const plan = await harness.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
    expect(plan.deletedAt).not.toBeNull();
    expect(await harness.stores.db.planEvent.count({ where: { planId } })).toBeGreaterThan(0);
  });

  it('a hidden plan is none for any command', async () => {
    await startPlan(harness.deps, edit());
    await harness.stores.db.plan.update({ where: { id: planId }, data: { status: 'paused' } });
    await deletePlan(harness.deps, edit());
    await expect(resumePlan(harness.deps, edit())).rejects.toMatchObject({ code: 'not_found' });
    await expect(deletePlan(harness.deps, edit())).rejects.toMatchObject({ code: 'not_found' });
  });
});
