import { ApiProcess } from '#testing/api-process.js';
import { createOrigin } from '#testing/git-repositories.js';

/** What people are told of snapshots and rewinds, by the real API. The work itself is done by hand. */

let api: ApiProcess;
let repository: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  repository = await createOrigin(await api.folder.next('origin'));
});
afterAll(() => api.stop());

const task = (key: string) => ({ key, title: key, executor: { external: {} } });

/** A plan that is completed, every task of it by hand. @returns its number */
async function completed(...keys: string[]): Promise<number> {
  const phases = [{ name: 'One', mode: 'sequential', tasks: keys.map(task) }];
  const created = await api.post('/api/plans', { repository, plan: { name: 'By hand', phases } });
  const number = created.body['number'] as number;
  await api.post(`/api/plans/${number}/execute`);
  for (const [index] of keys.entries())
    await api.post(`/api/plan-tasks/${number}.${index + 1}/complete`, { note: 'done' });
  return number;
}

const preview = (plan: number, to: string) =>
  api.get(`/api/plans/${plan}/rewind?to=${encodeURIComponent(to)}`);
const rewind = (plan: number, body: object) => api.post(`/api/plans/${plan}/rewind`, body);
const events = async (plan: number, count: number) =>
  (await api.stream(`/api/plans/${plan}/events`, count)).map(({ event }) => event);

describe('a rewind', () => {
  it('is shown first, changes nothing by that, and is done as it was shown', async () => {
    const plan = await completed('a', 'b', 'c');
    const seen = await preview(plan, `${plan}.1`);
    expect(seen).toMatchObject({
      status: 200,
      body: {
        to: `${plan}.1`,
        dropped: [],
        reset: [
          { number: 2, title: 'b', status: 'completed' },
          { number: 3, title: 'c', status: 'completed' },
        ],
        phases: [{ position: 1, name: 'One', from: 'completed', to: 'running' }],
        commands: [],
      },
    });
    expect((await api.get(`/api/plans/${plan}`)).body['status']).toBe('completed');
    const body = { to: `${plan}.1`, preview: seen.body['preview'] };
    const done = await api.post(`/api/plans/${plan}/rewind`, body, { 'idempotency-key': `rewind-${plan}` });
    expect(done).toMatchObject({
      status: 202,
      body: {
        status: 'paused',
        pauseNote: expect.stringContaining(`Rewound to ${plan}.1`),
        finishedAt: null,
      },
    });
    const again = await api.post(`/api/plans/${plan}/rewind`, body, { 'idempotency-key': `rewind-${plan}` });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await events(plan, 14)).toEqual(
      expect.arrayContaining(['plan.completed', 'plan.rewinding', 'plan.rewound', 'plan.paused']),
    );
    const { items } = (await api.get(`/api/plans/${plan}/iterations`)).body as { items: unknown[] };
    expect(items.at(-1)).toMatchObject({ kind: 'rewind', actor: 'owner', changes: [{ reset: [2, 3] }] });
  });

  it('that is not true any more is refused, and one that nobody looked at too', async () => {
    const plan = await completed('a', 'b', 'c');
    const seen = await preview(plan, '1');
    await rewind(plan, { to: '2', preview: (await preview(plan, '2')).body['preview'] });
    expect(await rewind(plan, { to: '1', preview: seen.body['preview'] })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('something else by now') },
    });
    expect((await rewind(plan, { to: '1' })).status).toBe(422);
  });

  it.each([
    ['nowhere', 404, 'no checkpoint "nowhere"'],
    ['9', 404, 'no task 9'],
    ['1/1', 404, 'no snapshot 1'],
    ['lineage/3', 404, 'no lineage 3'],
    ['99999.1', 404, 'another plan'],
    ['2', 409, 'stands at "2" already'],
  ])('to %s is refused', async (to, status, detail) => {
    const plan = await completed('a', 'b');
    expect(await preview(plan, to)).toMatchObject({
      status,
      body: { detail: expect.stringContaining(detail) },
    });
  });
});

describe('a checkpoint', () => {
  it('is created, listed page by page, and is a target and a diff', async () => {
    const plan = await completed('a', 'b');
    for (const name of ['first', 'second'])
      expect(await api.post(`/api/plans/${plan}/checkpoints`, { name })).toMatchObject({
        status: 201,
        body: { kind: 'checkpoint', name, task: null, files: [] },
      });
    const page = await api.get(`/api/plans/${plan}/snapshots?limit=1&kind=checkpoint`);
    expect(page.body['items']).toMatchObject([{ name: 'second', sequence: 2 }]);
    expect(page.headers.get('link')).toContain('rel="next"');
    const next = await api.get(
      `/api/plans/${plan}/snapshots?limit=1&cursor=${String(page.body['nextCursor'])}`,
    );
    expect(next.body).toMatchObject({ items: [{ name: 'first', sequence: 1 }], nextCursor: null });
    expect(await api.get(`/api/plan-tasks/${plan}.1/diff?checkpoint=first`)).toMatchObject({
      status: 200,
      body: { files: [] },
    });
    await rewind(plan, { to: 'base', preview: (await preview(plan, 'base')).body['preview'] });
    expect((await preview(plan, 'first')).body).toMatchObject({ restored: [{ number: 1 }, { number: 2 }] });
  });

  it.each(['base', 'latest', '12.3', '1a', 'a/b', 'a'.repeat(65), ''])('is not named %j', async (name) => {
    const plan = await completed('a');
    expect((await api.post(`/api/plans/${plan}/checkpoints`, { name })).status).toBe(422);
  });

  it('has a name that is free, and a task that there is', async () => {
    const plan = await completed('a');
    await api.post(`/api/plans/${plan}/checkpoints`, { name: 'here', task: 1 });
    expect((await api.post(`/api/plans/${plan}/checkpoints`, { name: 'here' })).status).toBe(409);
    expect((await api.post(`/api/plans/${plan}/checkpoints`, { name: 'there', task: 2 })).status).toBe(404);
    expect((await api.get(`/api/plan-tasks/${plan}.1/diff?sequence=1`)).status).toBe(200);
  });
});

it.each(['sequence=1&checkpoint=a', 'from=1', 'to=2', 'sequence=0', 'sequence=x', 'other=1'])(
  'a diff of snapshots that is not named well (%s) is refused',
  async (query) => {
    const plan = await completed('a');
    expect((await api.get(`/api/plan-tasks/${plan}.1/diff?${query}`)).status).toBe(422);
  },
);

it('pruning says what would go, and needs a number of days', async () => {
  const plan = await completed('a');
  expect(await api.post('/api/prune', { days: 30, plan: String(plan) })).toMatchObject({
    status: 200,
    body: { removed: false, snapshots: 0, refs: 0, plans: [] },
  });
  expect((await api.post('/api/prune', { days: 0 })).status).toBe(422);
  expect((await api.post('/api/prune', { days: 3, plan: '99999' })).status).toBe(404);
  expect(await api.post('/api/prune', { days: 3, plan: 'mine' })).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'plan', message: 'must be the number of a plan or its id' }] },
  });
});
