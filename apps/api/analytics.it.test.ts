import { ApiProcess } from '#testing/api-process.js';
import { createOrigin } from '#testing/git-repositories.js';

let api: ApiProcess;
let plan: number;
let repositoryId: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  const repository = await createOrigin(await api.folder.next('demo'));
  const tasks = ['a', 'b'].map((key) => ({ key, title: key, executor: { external: {} } }));
  const phases = [{ name: 'One', mode: 'parallel', tasks }];
  const { body } = await api.post('/api/plans', { repository, plan: { name: 'By hand', phases } });
  plan = body['number'] as number;
  repositoryId = (body['repository'] as { id: string }).id;
  await api.post(`/api/plans/${plan}/execute`);
  await api.post(`/api/plan-tasks/${plan}.1/claim`);
  await api.post(`/api/plan-tasks/${plan}.1/complete`, { note: 'in the console' });
});

afterAll(() => api.stop());

it('answers with a row for each group, and all together', async () => {
  const asked = `by=executor,week&plan=${plan}&repository=${repositoryId}&from=2020-01-01&to=9000-01-01`;
  const sums = {
    attempts: 1,
    tasks: 1,
    completed: 1,
    firstPass: { judged: 1, passed: 1, rate: 1 },
    retries: 0,
  };
  expect(await api.get(`/api/analytics?${asked}`)).toMatchObject({
    status: 200,
    body: {
      by: ['executor', 'week'],
      rows: [{ ...sums, executor: 'external', week: expect.stringMatching(/^\d{4}-W\d\d$/) as unknown }],
      total: { ...sums, cost: { micros: 0, calls: 0 } },
    },
  });
  expect((await api.get('/api/analytics')).body).toMatchObject({
    by: ['profile'],
    rows: [{ profile: null }],
  });
  expect((await api.get('/api/analytics?to=2020-01-01')).body).toMatchObject({
    rows: [],
    total: { attempts: 0 },
  });
});

it.each([
  ['by=', 'by'],
  ['by=colour', 'by'],
  ['by=week,week', 'by'],
  ['by=week,model,profile', 'by'],
  ['from=yesterday', 'from'],
  ['from=2026-02-30', 'from'],
  ['from=2026-01-02&to=2026-01-01', 'to'],
  ['plan=the%20first', 'plan'],
  ['repository=demo', 'repository'],
  ['days=3', 'days'],
])('%s is refused with its place', async (query, path) => {
  const { status, body } = await api.get(`/api/analytics?${query}`);
  expect(status).toBe(422);
  expect((body['errors'] as { path: string }[]).map((error) => error.path.split('[')[0])).toEqual([path]);
});

it('a plan or a repository that there is not is said so', async () => {
  expect((await api.get('/api/analytics?plan=999')).status).toBe(404);
  const nobody = '01a1fcaf-4248-748b-b49c-d000671387d7';
  expect((await api.get(`/api/analytics?repository=${nobody}`)).status).toBe(404);
});
