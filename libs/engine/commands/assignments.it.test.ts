import path from 'node:path';
import { ASSIGNMENT_ACTIVE, assignmentAfter } from '#domain/assignments/assignment.machine.js';
import { DomainError } from '#domain/domain-error.js';
import { TASK_ENDED, TASK_STATUSES } from '#domain/plan/task.machine.js';
import { followTasks } from '#store/assignments.js';
import { migrateDown, migrateUp } from '#store/migrations/migrate.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { assignTask } from './assign-task.command.js';
import { claimTask } from './claim-task.command.js';
import { completeTask } from './complete-task.command.js';
import { createWorkItem } from './create-work-item.command.js';
import { handOverTask } from './hand-over-task.command.js';
import { pauseAssignment } from './pause-assignment.command.js';
import { releaseTask } from './release-task.command.js';
import { skipTask } from './skip-task.command.js';
import { stepWorkItem } from './step-work-item.command.js';
import { updateTask } from './update-task.command.js';

let harness: EngineHarness;
let scenes: StoreScenes;

beforeEach(async () => {
  harness = await EngineHarness.open();
  scenes = new StoreScenes(harness.stores);
});
afterEach(() => harness.close());

const user = (name: string) => ({ name, kind: 'user' }) as const;
const named = (planId: string) => ({ planId, taskNumber: 1, actorId: harness.stores.ownerId });
const running = (assignedTo: string | null = null) =>
  scenes.running([
    { tasks: [{ key: 'a', effect: 'none', executor: { kind: 'external' }, assignedTo }, { key: 'b' }] },
  ]);
const assign = (planId: string, name: string | null, note: string | null = null, context = {}) =>
  assignTask(harness.deps, { ...named(planId), to: name === null ? null : user(name), note, context });

/** All rows of the task, the first one first, as `Ada started`. */
async function rows(planId: string): Promise<string[]> {
  const found = await harness.stores.db.taskAssignment.findMany({
    where: { task: { planId, number: 1 } },
    orderBy: [{ assignedAt: 'asc' }, { id: 'asc' }],
    include: { assignee: true },
  });
  return found.map(({ assignee, status }) => `${assignee.name} ${status}`);
}

async function projection(planId: string): Promise<string | null> {
  const { assignee } = await harness.stores.db.planTask.findFirstOrThrow({
    where: { planId, number: 1 },
    include: { assignee: true },
  });
  return assignee?.name ?? null;
}

const outcomes = async (work: readonly Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(work)).map((each) =>
    each.status === 'fulfilled' ? 'done' : each.reason instanceof DomainError ? each.reason.code : 'broken',
  );

describe('the assignments of a task', () => {
  it('ten side by side leave one that is active, and ten rows', async () => {
    const planId = await running();
    const people = Array.from({ length: 10 }, (_, index) => `Person ${index}`);
    expect(await outcomes(people.map((name) => assign(planId, name)))).toEqual(people.map(() => 'done'));
    const all = await rows(planId);
    expect(all.map((row) => row.replace(/ \w+$/, '')).sort()).toEqual(people);
    expect(all.slice(0, -1).every((row) => row.endsWith('cancelled'))).toBe(true);
    expect(all.at(-1)).toBe(`${await projection(planId)} assigned`);
  });

  it('follow the task from hand to hand to its end', async () => {
    const planId = await running();
    await assign(planId, 'Ada');
    await claimTask(harness.deps, named(planId));
    expect(await rows(planId)).toEqual(['Ada started']);
    await releaseTask(harness.deps, named(planId));
    expect(await rows(planId)).toEqual(['Ada assigned']);
    await assign(planId, 'Grace');
    await claimTask(harness.deps, named(planId));
    await completeTask(harness.deps, { ...named(planId), note: 'done' });
    expect(await rows(planId)).toEqual(['Ada cancelled', 'Grace completed']);
    expect(await projection(planId)).toBe('Grace');
  });

  it('end when the task is left out, or is nobody’s', async () => {
    const left = await running('Ada');
    await skipTask(harness.deps, { ...named(left), satisfies: true });
    expect(await rows(left)).toEqual(['Ada cancelled']);
    const nobodys = await running('Ada');
    await assign(nobodys, null);
    expect(await rows(nobodys)).toEqual(['Ada cancelled']);
    expect(await projection(nobodys)).toBeNull();
  });

  it('begin with the plan that names whose a task is, and follow its edits', async () => {
    const planId = await harness.stores.plan([{ tasks: [{ key: 'a', assignedTo: 'Ada' }] }]);
    expect(await rows(planId)).toEqual(['Ada assigned']);
    const { ownerId: actorId } = harness.stores;
    await updateTask(harness.deps, { planId, actorId, taskNumber: 1, changes: { title: 'Another' } });
    expect(await rows(planId)).toEqual(['Ada assigned']);
    await updateTask(harness.deps, { planId, actorId, taskNumber: 1, changes: { assignedTo: 'Grace' } });
    expect(await rows(planId)).toEqual(['Ada cancelled', 'Grace assigned']);
  });

  it('are handed over with note and context, and the claim comes back', async () => {
    const planId = await running();
    await assign(planId, 'Ada', 'please', { branch: 'mine', tried: 1 });
    const lease = await claimTask(harness.deps, { ...named(planId), leaseSeconds: 60 });
    const over = {
      ...named(planId),
      to: { name: 'bot', kind: 'agent' } as const,
      note: 'stuck',
      context: { tried: 2 },
    };
    expect(await outcomes([handOverTask(harness.deps, over)])).toEqual(['conflict']);
    await handOverTask(harness.deps, { ...over, token: lease?.token });
    expect(await rows(planId)).toEqual(['Ada cancelled', 'bot assigned']);
    expect((await scenes.task(planId)).status).toBe('ready');
    const [first, next] = await harness.stores.db.taskAssignment.findMany({
      where: { task: { planId } },
      orderBy: { assignedAt: 'asc' },
      include: { assignee: true },
    });
    expect(next).toMatchObject({
      note: 'stuck',
      context: { branch: 'mine', tried: 2 },
      handedFrom: first?.id,
      assignee: { kind: 'agent' },
    });
    await claimTask(harness.deps, named(planId));
    expect(await rows(planId)).toEqual(['Ada cancelled', 'bot started']);
  });

  it('pause and resume, and a claim ends the pause', async () => {
    const planId = await running('Ada');
    const step = (what: 'pause' | 'resume') =>
      pauseAssignment(harness.deps, { ...named(planId), step: what });
    await step('pause');
    expect(await rows(planId)).toEqual(['Ada paused']);
    expect(await outcomes([step('pause')])).toEqual(['conflict']);
    await step('resume');
    expect(await rows(planId)).toEqual(['Ada assigned']);
    await step('pause');
    await claimTask(harness.deps, named(planId));
    expect(await rows(planId)).toEqual(['Ada started']);
  });

  it('are in the database what the domain says, for every status of a task', async () => {
    const { sql, db, ownerId: actorId } = harness.stores;
    const planId = await running('Ada');
    const { id: taskId } = await scenes.task(planId);
    for (const task of TASK_STATUSES) {
      for (const from of ASSIGNMENT_ACTIVE) {
        const pausedAt = from === 'paused' ? new Date() : null;
        await db.taskAssignment.deleteMany({ where: { taskId } });
        await db.planTask.update({ where: { id: taskId }, data: { status: task } });
        const { assignedTo: assigneeId } = await db.planTask.findUniqueOrThrow({ where: { id: taskId } });
        await db.taskAssignment.create({
          data: {
            id: taskId,
            taskId,
            assigneeId: assigneeId ?? '',
            assignedBy: actorId,
            status: from,
            pausedAt,
          },
        });
        await sql.transaction(async (tx) => followTasks(tx, { planId }, { actorId, now: new Date() }));
        expect({ task, from, is: await rows(planId) }).toEqual({
          task,
          from,
          is: [`Ada ${assignmentAfter(from, task)}`],
        });
      }
    }
  });

  it('come back with a task that begins again', async () => {
    const { sql, db, ownerId: actorId } = harness.stores;
    const planId = await running('Ada');
    await completeTask(harness.deps, { ...named(planId), note: 'done' });
    expect(TASK_ENDED).toContain('completed');
    await db.planTask.updateMany({ where: { planId, number: 1 }, data: { status: 'pending' } });
    await sql.transaction(async (tx) => followTasks(tx, { planId }, { actorId, now: new Date() }));
    expect(await rows(planId)).toEqual(['Ada completed', 'Ada assigned']);
  });
});

it('rows begin for what was somebody’s before there were any', async () => {
  const claimed = await running('Ada');
  await claimTask(harness.deps, named(claimed));
  const [waits, over] = [await running('Grace'), await running('Lin')];
  await completeTask(harness.deps, { ...named(over), note: 'done' });
  const target = { url: harness.stores.database.url, migrationsDir: path.resolve('prisma/migrations') };
  await migrateDown({ ...target, to: '20261121170900_claim_leases' });
  await migrateUp(target);
  expect([await rows(claimed), await rows(waits), await rows(over)]).toEqual([
    ['Ada started'],
    ['Grace assigned'],
    [],
  ]);
});

it('go with an archived plan that is removed, and change no more before', async () => {
  const planId = await running('Ada');
  await handOverTask(harness.deps, { ...named(planId), to: user('Grace'), note: 'yours', context: {} });
  const { sql } = harness.stores;
  await sql.rows(`UPDATE plans SET status = 'archived', archive = '{}' WHERE id = $1`, [planId]);
  const change = `UPDATE task_assignments SET note = 'mine' WHERE task_id IN (SELECT id FROM plan_tasks WHERE plan_id = $1)`;
  await expect(sql.rows(change, [planId])).rejects.toThrow(/is archived/);
  await expect(assign(planId, 'Lin')).rejects.toMatchObject({ code: 'conflict' });
  await sql.rows(`SELECT remove_archived_plan($1::uuid, 'old')`, [planId]);
  expect(await rows(planId)).toEqual([]);
});

describe('what the database itself refuses', () => {
  it('two that are active, one of two things, and one of none', async () => {
    const { db, ownerId: assignedBy } = harness.stores;
    const planId = await running('Ada');
    const { id: taskId } = await scenes.task(planId);
    const workItemId = await anItem();
    const add = (of: object) =>
      db.taskAssignment.create({
        data: { id: harness.deps.ids.next(), assigneeId: assignedBy, assignedBy, ...of },
      });
    await expect(add({ taskId })).rejects.toThrow(/Unique constraint|active_task_key/);
    await expect(add({ taskId, workItemId })).rejects.toThrow(/of_one_check/);
    await expect(add({})).rejects.toThrow(/of_one_check/);
    await expect(add({ workItemId, status: 'completed' })).rejects.toThrow(/ended_check/);
  });
});

function anItem(): Promise<string> {
  const { repositoryId, ownerId: actorId } = harness.stores;
  return createWorkItem(harness.deps, { repositoryId, actorId, title: 'Answer the mail', description: '' });
}

it('a work item has one assignment at a time, and ends with it', async () => {
  const { ownerId: actorId, db } = harness.stores;
  const id = await anItem();
  const step = (what: Parameters<typeof stepWorkItem>[1]['step']) =>
    stepWorkItem(harness.deps, { id, actorId, step: what });
  const people = Array.from({ length: 10 }, (_, index) => user(`Person ${index}`));
  const assigned = people.map((to) => step({ step: 'assign', to, note: null, context: { n: 1 } }));
  expect(await outcomes(assigned)).toEqual(people.map(() => 'done'));
  const statuses = async () =>
    (await db.taskAssignment.findMany({ where: { workItemId: id }, orderBy: { assignedAt: 'asc' } })).map(
      ({ status }) => status,
    );
  expect(await statuses()).toEqual([...Array<string>(9).fill('cancelled'), 'assigned']);
  await step({ step: 'start' });
  await step({ step: 'hand_over', to: user('Grace'), note: 'yours', context: {} });
  expect((await statuses()).slice(-2)).toEqual(['cancelled', 'assigned']);
  await step({ step: 'close', as: 'done' });
  expect((await statuses()).at(-1)).toBe('completed');
  expect(await outcomes([step({ step: 'start' })])).toEqual(['conflict']);
  const elsewhere = { id: harness.deps.ids.next(), actorId, step: { step: 'start' } } as const;
  expect(await outcomes([stepWorkItem(harness.deps, elsewhere)])).toEqual(['not_found']);
});
