import { ApiProcess } from '#testing/api-process.js';
import { createOrigin } from '#testing/git-repositories.js';

let api: ApiProcess;
let repository: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  repository = await createOrigin(await api.folder.next('demo'));
});

afterAll(() => api.stop());

interface Plan {
  readonly number: number;
  readonly repository: { readonly id: string };
}

async function create(tasks: readonly object[], over: object = {}) {
  const plan = { name: 'Waits', phases: [{ name: 'One', mode: 'parallel', tasks }], ...over };
  return api.post('/api/plans', { repository, plan });
}

const wait = (terms: object) => ({ key: 'w', title: 'W', executor: { wait: terms } });

describe('a signal', () => {
  it('is stored once: the first of a name is the answer to all that follow', async () => {
    const { number } = (await create([wait({ event: 'go' })])).body as unknown as Plan;
    const send = (data: unknown) => api.post(`/api/plans/${number}/signals`, { name: 'go', data });
    const first = await send({ version: 1 });
    expect(first).toMatchObject({ status: 201, body: { name: 'go', data: { version: 1 }, actor: 'owner' } });
    const second = await send({ version: 2 });
    expect(second).toMatchObject({ status: 200, body: first.body });
  });

  it('lets who waits for it go on; a plan that has ended refuses it', async () => {
    const { number } = (await create([wait({ event: 'go' })])).body as unknown as Plan;
    await api.post(`/api/plans/${number}/execute`);
    expect((await api.get(`/api/plan-tasks/${number}.1`)).body).toMatchObject({
      status: 'waiting',
      effect: 'none',
      executor: { wait: { event: 'go' } },
      executorKind: 'wait',
      waitsFor: 'go',
      waitsUntil: null,
    });
    await api.post(`/api/plans/${number}/signals`, { name: 'go' });
    expect((await api.get(`/api/plans/${number}`)).body).toMatchObject({
      status: 'completed',
      phases: [{ tasks: [{ status: 'completed', verified: null, commit: null }] }],
    });
    const late = await api.post(`/api/plans/${number}/signals`, { name: 'late' });
    expect(late).toMatchObject({ status: 409, body: { detail: expect.stringContaining('completed') } });
  });

  it.each([
    [{ name: 'no blanks' }, 'name'],
    [{ name: 'go', dat: 1 }, 'dat'],
    [{ name: 'go', data: 'x'.repeat(70_000) }, 'data'],
    [{ name: 'go', data: ['a\0'] }, 'data'],
  ])('that is not valid is refused at its place', async (body, path) => {
    const { number } = (await create([wait({ for: '1h' })])).body as unknown as Plan;
    const answer = await api.post(`/api/plans/${number}/signals`, body);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path }] } });
  });
});

it('an edit that makes a task contradict its effect is refused; a milestone brings its own', async () => {
  const command = { key: 'a', title: 'A', executor: { command: 'true' }, writes: ['src/**'] };
  const { number } = (await create([command])).body as unknown as Plan;
  const change = (body: object) => api.patch(`/api/plan-tasks/${number}.1`, body);
  expect(await change({ effect: 'none' })).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'phases[0].tasks[0].writes' }] },
  });
  expect(await change({ executor: { milestone: {} }, writes: [] })).toMatchObject({
    status: 200,
    body: { effect: 'none', executor: { milestone: {} } },
  });
});

it('whoever a task is assigned to becomes known, however it is said', async () => {
  const { number } = (await create([{ ...wait({ event: 'go' }), assignedTo: 'Grace' }]))
    .body as unknown as Plan;
  const task = `/api/plan-tasks/${number}.1`;
  expect((await api.get(task)).body).toMatchObject({ assignedTo: 'Grace' });
  expect((await api.patch(task, { assignedTo: 'Edsger' })).body).toMatchObject({ assignedTo: 'Edsger' });
  expect((await api.post(`${task}/assign`, { assignedTo: 'Barbara' })).body).toMatchObject({
    assignedTo: 'Barbara',
  });
  expect((await api.get(`/api/plans/${number}`)).body).toMatchObject({
    phases: [{ tasks: [{ assignedTo: 'Barbara' }] }],
  });
});

it('an assignee, a priority and what a phase asks for are shown', async () => {
  const created = await create([{ ...wait({ for: '1s' }), assignedTo: 'owner' }], {
    priority: 7,
    autoCommit: false,
  });
  const { number } = created.body as unknown as Plan;
  expect(created.body).toMatchObject({
    priority: 7,
    autoCommit: false,
    phases: [{ approval: 'none', atEnd: 'continue', concurrency: null }],
  });
  expect((await api.get(`/api/plan-tasks/${number}.1`)).body).toMatchObject({ assignedTo: 'owner' });
});

it('a repository is given a limit, and loses it again', async () => {
  const { repository: known } = (await create([wait({ for: '1s' })])).body as unknown as Plan;
  const limit = (maxTasks: unknown) => api.patch(`/api/repositories/${known.id}`, { maxTasks });
  expect(await limit(3)).toMatchObject({ status: 200, body: { maxTasks: 3 } });
  expect(await limit(null)).toMatchObject({ status: 200, body: { maxTasks: null } });
  expect(await limit(0)).toMatchObject({ status: 422, body: { errors: [{ path: 'maxTasks' }] } });
  const nobody = '01a1fcaf-4248-748b-b49c-d000671387d7';
  expect((await api.patch(`/api/repositories/${nobody}`, { maxTasks: 1 })).status).toBe(404);
});
