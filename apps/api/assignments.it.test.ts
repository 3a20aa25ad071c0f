import type { AssignmentHistory, AssignmentPage, AssignmentView } from '#contracts/api/assignments.js';
import type { WorkItemPage, WorkItemView } from '#contracts/api/work-items.js';
import { ApiProcess, type Answer } from '#testing/api-process.js';
import { createOrigin } from '#testing/git-repositories.js';

let api: ApiProcess;
let repository: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  repository = await createOrigin(await api.folder.next('demo'));
});

afterAll(() => api.stop());

/** A plan of one task that somebody outside carries out; it runs. @returns the task, as `12.1` */
async function aTask(assignedTo?: string): Promise<string> {
  const task = {
    title: 'Do it',
    executor: { external: {} },
    effect: 'none',
    ...(assignedTo && { assignedTo }),
  };
  const phases = [{ name: 'One', mode: 'parallel', tasks: [task] }];
  const { body } = await api.post('/api/plans', { repository, plan: { name: 'Somebody’s', phases } });
  await api.post(`/api/plans/${String(body['number'])}/execute`);
  return `${String(body['number'])}.1`;
}

async function anItem(title = 'Answer the mail'): Promise<string> {
  const { body, status } = await api.post('/api/work-items', { repository, title });
  expect(status).toBe(201);
  return `w${(body as unknown as WorkItemView).number}`;
}

const PATHS = { task: '/api/plan-tasks', item: '/api/work-items' };
const pathOf = (of: string): string => `${of.startsWith('w') ? PATHS.item : PATHS.task}/${of}`;
const say = (of: string, verb: string, body?: object): Promise<Answer> =>
  api.post(`${pathOf(of)}/${verb}`, body);
const history = async (of: string): Promise<AssignmentView[]> =>
  ((await api.get(`${pathOf(of)}/assignments`)).body as unknown as AssignmentHistory).items;
const rows = async (of: string): Promise<string[]> =>
  (await history(of)).map(({ assignedTo, status }) => `${assignedTo} ${status}`);

it.each(['task', 'item'])(
  'a %s is assigned, reassigned, paused, resumed and handed over, with its history',
  async (kind) => {
    const of = kind === 'task' ? await aTask() : await anItem();
    expect(await history(of)).toEqual([]);
    const given = { assignedTo: 'Ada', note: 'please', context: { branch: 'mine' } };
    expect((await say(of, 'assign', given)).body).toMatchObject({ assignedTo: 'Ada' });
    expect(await history(of)).toMatchObject([
      {
        task: kind === 'task' ? of : null,
        workItem: kind === 'task' ? null : of,
        status: 'assigned',
        kind: 'user',
        note: 'please',
        context: { branch: 'mine' },
        endedAt: null,
      },
    ]);
    expect((await say(of, 'pause')).status).toBe(202);
    expect((await say(of, 'pause')).status).toBe(409);
    expect((await say(of, 'resume')).status).toBe(202);
    const over = { assignedTo: 'bot', kind: 'agent', note: 'half of it is there', context: { tried: 1 } };
    expect((await say(of, 'hand-over', over)).body).toMatchObject({ assignedTo: 'bot' });
    const [first, next] = await history(of);
    expect(first).toMatchObject({ status: 'cancelled', endedAt: expect.any(String) as unknown });
    expect(next).toMatchObject({
      kind: 'agent',
      handedFrom: first?.id,
      context: { branch: 'mine', tried: 1 },
      startedAt: null,
    });
    await say(of, 'assign', { assignedTo: 'Grace' });
    await say(of, kind === 'task' ? 'claim' : 'start');
    expect(await rows(of)).toEqual(['Ada cancelled', 'bot cancelled', 'Grace started']);
    if (kind === 'task') await say(of, 'complete', { note: 'done' });
    else await say(of, 'close', { as: 'done' });
    expect((await rows(of)).at(-1)).toBe('Grace completed');
    expect((await say(of, 'assign', { assignedTo: 'Ada' })).status).toBe(409);
  },
);

it('ten requests side by side leave one active assignment and ten rows', async () => {
  for (const target of [await aTask(), await anItem()]) {
    const people = Array.from({ length: 10 }, (_, index) => `Person ${index}`);
    const answers = await Promise.all(people.map((assignedTo) => say(target, 'assign', { assignedTo })));
    expect(answers.map(({ status }) => status)).toEqual(people.map(() => 202));
    const all = await history(target);
    expect(all).toHaveLength(10);
    expect(all.filter(({ endedAt }) => endedAt === null)).toHaveLength(1);
  }
});

it('who takes a task next is told what was handed over', async () => {
  const of = await aTask('Ada');
  await say(of, 'hand-over', { assignedTo: 'bot', kind: 'agent', note: 'mind the gap', context: { at: 3 } });
  expect((await api.get(`${pathOf(of)}/context`)).body).toMatchObject({
    assignment: { assignedTo: 'bot', note: 'mind the gap', context: { at: 3 } },
  });
});

it.each(['task', 'item'])(
  'what is carried on with a %s has an end, and nothing of it is lost',
  async (kind) => {
    const of = kind === 'task' ? await aTask() : await anItem();
    await say(of, 'assign', { assignedTo: 'Ada', context: { first: 'x'.repeat(15_000) } });
    const over = { assignedTo: 'bot', note: 'yours', context: { second: 'y'.repeat(15_000) } };
    expect(await say(of, 'hand-over', over)).toMatchObject({
      status: 422,
      body: {
        detail: expect.stringContaining(`the context of ${of}`) as unknown,
        remedy: expect.stringContaining(`planwright assignments ${of} --json`) as unknown,
        errors: [{ path: 'context' }],
      },
    });
    expect(await rows(of)).toEqual(['Ada assigned']);
    const shorter = { ...over, context: { ...over.context, first: null } };
    expect((await say(of, 'hand-over', shorter)).status).toBe(202);
    const [first, next] = await history(of);
    expect([first?.context, next?.context]).toEqual([
      { first: 'x'.repeat(15_000) },
      { first: null, second: 'y'.repeat(15_000) },
    ]);
  },
);

it('tells who has what, of plans and work items, page by page', async () => {
  const mine = [await aTask('Lin'), await anItem('Water the plants')];
  await say(mine[1] ?? '', 'assign', { assignedTo: 'Lin' });
  const over = await aTask('Lin');
  await say(over, 'assign', { assignedTo: null });
  const page = async (query: string) =>
    (await api.get(`/api/assignments?${query}`)).body as unknown as AssignmentPage;
  const names = ({ items }: AssignmentPage) => items.map(({ task, workItem }) => task ?? workItem);
  expect(names(await page('assignedTo=Lin'))).toEqual([...mine].reverse());
  expect(names(await page('assignedTo=Lin&all=true'))).toEqual([over, ...[...mine].reverse()]);
  const first = await page('assignedTo=Lin&limit=1');
  expect(names(await page(`assignedTo=Lin&limit=1&cursor=${first.nextCursor ?? ''}`))).toEqual([mine[0]]);
  expect((await api.get('/api/assignments?cursor=nonsense')).status).toBe(422);
});

it('work items are written down, listed by status, and refused where they are not there', async () => {
  const open = await anItem('Buy a lamp');
  const done = await anItem('Paint the wall');
  expect((await say(done, 'close', { as: 'cancelled' })).body).toMatchObject({ status: 'cancelled' });
  const list = async (query: string) =>
    ((await api.get(`/api/work-items?${query}`)).body as unknown as WorkItemPage).items.map(
      ({ title }) => title,
    );
  expect(await list('status=cancelled')).toEqual(['Paint the wall']);
  expect((await list('status=open'))[0]).toBe('Buy a lamp');
  expect((await api.get(pathOf(open))).body).toMatchObject({ title: 'Buy a lamp', closedAt: null });
  expect((await say(open, 'start')).body).toMatchObject({
    detail: expect.stringContaining('nobody') as unknown,
  });
  for (const missing of ['w999999', 'nonsense', '01890000-0000-7000-8000-000000000000'])
    expect((await api.get(`/api/work-items/${missing}`)).status).toBe(404);
  const tooMuch = { assignedTo: 'Ada', context: { text: 'x'.repeat(20_001) } };
  expect((await say(open, 'assign', tooMuch)).status).toBe(422);
});
