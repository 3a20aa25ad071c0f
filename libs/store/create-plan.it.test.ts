import { v7 as uuid } from 'uuid';
import { StoreHarness } from '#testing/engine-harness.js';
import { aNewPlan } from '#testing/plan-builder.js';

let harness: StoreHarness;

beforeAll(async () => {
  harness = await StoreHarness.open();
});

afterAll(() => harness.close());

const SPEC = { yaml: 'version: 1\n', hash: 'a'.repeat(64) };

function newPlan(over: Parameters<typeof aNewPlan>[2] = {}) {
  const ids = { id: uuid(), repositoryId: harness.repositoryId, actorId: harness.ownerId };
  return aNewPlan(
    ids,
    [
      {
        name: 'Prepare',
        tasks: [
          { key: 'a', spec: SPEC, writeScope: ['src/**'] },
          { key: 'b', dependsOn: ['a'] },
        ],
      },
      {
        name: 'Finish',
        mode: 'manual',
        approval: 'before_task',
        tasks: [
          { key: 'c', dependsOn: ['a', 'b'], mayChange: ['package.json'], needs: ['sql'], maxAttempts: 1 },
        ],
      },
    ],
    {
      metadata: { ticket: 'X-1', nested: { deep: [1, null] } },
      warnings: ['careful'],
      concurrency: 2,
      ...over,
    },
  );
}

it('writes the plan with everything below it, ready to start', async () => {
  const { id, number } = await harness.store.createPlan(newPlan());
  const plan = await harness.db.plan.findUniqueOrThrow({
    where: { id },
    include: {
      phases: {
        orderBy: { position: 'asc' },
        include: { tasks: { orderBy: { number: 'asc' }, include: { spec: true, dependencies: true } } },
      },
      iterations: true,
      events: true,
    },
  });
  expect(plan).toMatchObject({
    status: 'ready',
    number,
    concurrency: 2,
    openPhases: 2,
    activeTasks: 0,
    epoch: 1,
    branch: `planwright/${number}-migrate-authentication`,
    tipCommit: plan.baseCommit,
    metadata: { ticket: 'X-1', nested: { deep: [1, null] } },
    warnings: ['careful'],
    eventSeq: 1,
  });
  expect(
    plan.phases.map(({ name, mode, approval, status, openTasks }) => [
      name,
      mode,
      approval,
      status,
      openTasks,
    ]),
  ).toEqual([
    ['Prepare', 'parallel', 'none', 'pending', 2],
    ['Finish', 'manual', 'before_task', 'pending', 1],
  ]);
  const tasks = plan.phases.flatMap((phase) => phase.tasks);
  expect(
    tasks.map(({ key, number: n, status, openDependencies, maxAttempts }) => [
      key,
      n,
      status,
      openDependencies,
      maxAttempts,
    ]),
  ).toEqual([
    ['a', 1, 'pending', 0, 3],
    ['b', 2, 'pending', 1, 3],
    ['c', 3, 'pending', 2, 1],
  ]);
  expect(tasks[0]?.spec).toMatchObject({
    specYaml: SPEC.yaml,
    hash: SPEC.hash,
    specType: 'strict',
    planId: id,
  });
  expect(tasks[1]?.spec).toBeNull();
  expect(tasks[0]?.writeScope).toEqual(['src/**']);
  expect(tasks[2]?.mayChange).toEqual(['package.json']);
  expect(tasks.map(({ needs }) => needs)).toEqual([[], [], ['sql']]);
  expect(tasks[2]?.dependencies.map(({ dependsOnId }) => dependsOnId).sort()).toEqual(
    [tasks[0]?.id, tasks[1]?.id].sort(),
  );
  expect(plan.iterations).toMatchObject([{ number: 1, kind: 'created', actorId: harness.ownerId }]);
  expect(plan.events).toMatchObject([
    { seq: 1, type: 'plan.created', prevHash: '', actorId: harness.ownerId },
  ]);
});

it('gives each plan a number and a branch of its own, also to twenty at once', async () => {
  const created = await Promise.all(Array.from({ length: 20 }, () => harness.store.createPlan(newPlan())));
  expect(new Set(created.map(({ number }) => number)).size).toBe(20);
  const branches = await harness.db.plan.findMany({
    where: { id: { in: created.map(({ id }) => id) } },
    select: { branch: true },
  });
  expect(new Set(branches.map(({ branch }) => branch)).size).toBe(20);
});

it.each([
  ['Größe & Maß!', /^planwright\/\d+-gro-e-ma$/],
  ['日本語', /^planwright\/\d+$/],
  ['../../heads/main', /^planwright\/\d+-heads-main$/],
  [`${'x'.repeat(47)} y`, /^planwright\/\d+-x{47}$/],
])('makes a safe branch name of %j', async (name, expected) => {
  const { id } = await harness.store.createPlan(newPlan({ name }));
  const { branch } = await harness.db.plan.findUniqueOrThrow({ where: { id } });
  expect(branch.replace('größe', 'gro-e')).toMatch(expected);
});

it('writes nothing at all when the last part fails', async () => {
  const before = {
    plans: await harness.db.plan.count(),
    tasks: await harness.db.planTask.count(),
    events: await harness.db.planEvent.count(),
  };
  const plan = newPlan();
  const broken = {
    ...plan,
    edges: [...plan.edges, { task: 'a', dependsOn: 'nobody', kind: 'explicit' as const }],
  };
  await expect(harness.store.createPlan(broken)).rejects.toThrow('no task has the key "nobody"');
  await expect(harness.store.createPlan({ ...plan, actorId: uuid() })).rejects.toThrow();
  expect({
    plans: await harness.db.plan.count(),
    tasks: await harness.db.planTask.count(),
    events: await harness.db.planEvent.count(),
  }).toEqual(before);
});

it('registers an origin once: who comes second gets the first id', async () => {
  const register = (id: string) =>
    harness.store.registerRepository({ id, origin: '/srv/shared', name: 'shared', actorId: harness.ownerId });
  const first = uuid();
  expect(await register(first)).toBe(first);
  expect(await register(uuid())).toBe(first);
  expect(await harness.store.findRepository('/srv/shared')).toBe(first);
  expect(await harness.store.findRepository('/srv/other')).toBeNull();
});

it('knows its built-in actors again', async () => {
  expect(await harness.store.builtInActor('system')).toBe(harness.systemId);
  expect(await harness.store.builtInActor('user')).toBe(harness.ownerId);
  expect(harness.systemId).not.toBe(harness.ownerId);
});

it('writes a plan of two thousand tasks', async () => {
  const tasks = Array.from({ length: 2_000 }, (_, i) => ({
    key: `t${i}`,
    dependsOn: i === 0 ? [] : [`t${i - 1}`],
  }));
  const ids = { id: uuid(), repositoryId: harness.repositoryId, actorId: harness.ownerId };
  const { id } = await harness.store.createPlan(aNewPlan(ids, [{ tasks }]));
  expect(await harness.db.planTask.count({ where: { planId: id } })).toBe(2_000);
  expect(await harness.db.taskDependency.count({ where: { task: { planId: id } } })).toBe(1_999);
});
