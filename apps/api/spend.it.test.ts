import { ApiProcess } from '#testing/api-process.js';
import { createOrigin } from '#testing/git-repositories.js';

let api: ApiProcess;
let repository: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  repository = await createOrigin(await api.folder.next('demo'));
});

afterAll(() => api.stop());

const create = (over: object = {}) =>
  api.post('/api/plans', { repository, plan: { name: 'Money', phases: [], ...over } });

describe('a budget', () => {
  it('is set by the plan, changed key by key while it stands, exported, and taken away', async () => {
    const created = await create({ budget: { plan: 5, attempt: 0.25 } });
    expect(created).toMatchObject({ status: 201, body: { budget: { plan: 5, attempt: 0.25 } } });
    const path = `/api/plans/${(created.body as unknown as { number: number }).number}`;
    const change = async (budget: unknown) => (await api.patch(path, { budget })).body;
    expect(await change({ plan: 7.5 })).toMatchObject({ budget: { plan: 7.5, attempt: 0.25 } });
    expect((await api.get(`${path}/export`)).body).toMatchObject({ budget: { plan: 7.5, attempt: 0.25 } });
    expect(await change({ attempt: null })).toMatchObject({ budget: { plan: 7.5 } });
    expect(await change(null)).not.toHaveProperty('budget');
  });

  it.each([
    [{ plan: -1 }, 'budget.plan'],
    [{ plan: 0.0000001 }, 'budget.plan'],
    [{ plan: 1e12 }, 'budget.plan'],
    [{ attempt: '5' }, 'budget.attempt'],
    [{ day: 5 }, 'budget.day'],
  ])('%j is refused with its place', async (budget, path) => {
    const { status, body } = await create({ budget });
    expect(status).toBe(422);
    expect(JSON.stringify(body)).toContain(path);
  });
});

describe('what was spent', () => {
  it('is told without anything spent, too', async () => {
    expect(await api.get('/api/spend?days=3')).toMatchObject({
      status: 200,
      body: { days: [], total: { usd: 0, calls: 0 }, dayBudget: null },
    });
    expect((await api.get('/api/spend?days=0')).status).toBe(422);
  });
});
