import { ApiProcess } from '#testing/api-process.js';

let api: ApiProcess;

beforeAll(async () => {
  api = await ApiProcess.start();
});

afterAll(() => api.stop());

/** Who is not there, by a name and by what no name can be. */
const NOBODY = ['nobody', '%00'];

const SQL = { slug: 'sql', type: 'engineer', capabilities: ['sql', { name: 'css', level: 2 }] };

it('the first start has the starter profiles', async () => {
  const { status, body } = await api.get('/api/agents');
  expect(status).toBe(200);
  expect(JSON.stringify(body)).toContain('"slug":"backend"');
  expect(await api.get('/api/agents/docs')).toMatchObject({
    status: 200,
    body: { status: 'active', load: 0, constraints: { writes: ['docs/**', '**/*.md'] } },
  });
});

it('a profile is created, found by what it can do, changed key by key, and archived', async () => {
  expect(await api.post('/api/agents', SQL)).toMatchObject({
    status: 201,
    body: {
      slug: 'sql',
      capabilities: [
        { name: 'css', level: 2 },
        { name: 'sql', level: 1 },
      ],
      tools: null,
    },
  });
  expect((await api.post('/api/agents', SQL)).status).toBe(409);
  const change = { constraints: { maxFiles: 3 }, tools: ['read_file'], status: 'inactive' };
  expect(await api.patch('/api/agents/sql', change)).toMatchObject({
    status: 200,
    body: {
      status: 'inactive',
      tools: ['read_file'],
      constraints: { maxFiles: 3, network: true, writes: [] },
    },
  });
  const { body } = await api.get('/api/agents?capability=css&status=inactive');
  expect(body).toMatchObject({ items: [{ slug: 'sql', type: 'engineer' }] });
  expect(await api.post('/api/agents/sql/archive', {})).toMatchObject({
    status: 200,
    body: { status: 'archived', tools: ['read_file'] },
  });
});

it('an archived profile stays as it is until it is brought back, inactive as yet', async () => {
  const before = await api.post('/api/agents', { slug: 'kept', type: 'engineer' });
  expect(before.body).toMatchObject({ status: 'active' });
  const conflict = (remedy: string) => ({
    status: 409,
    body: { remedy: expect.stringContaining(remedy) as unknown },
  });
  expect(await api.post('/api/agents/kept/restore')).toMatchObject(conflict('agent show kept'));
  const { body: archived } = await api.post('/api/agents/kept/archive');
  for (const change of [{ description: 'Another' }, { status: 'active' }])
    expect(await api.patch('/api/agents/kept', change)).toMatchObject(conflict('agent restore kept'));
  expect(await api.post('/api/agents/kept/archive')).toMatchObject(conflict('agent restore kept'));
  expect((await api.get('/api/agents/kept')).body).toEqual(archived);
  expect((await api.post('/api/agents/kept/restore')).body).toMatchObject({ status: 'inactive' });
  expect((await api.patch('/api/agents/kept', { status: 'active' })).body).toMatchObject({
    status: 'active',
  });
});

it('nothing is made archived by saying so', async () => {
  const said = { status: 'archived' };
  expect((await api.post('/api/agents', { slug: 'x', type: 'y', ...said })).status).toBe(422);
  expect(await api.patch('/api/agents/docs', said)).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'status' }] },
  });
  expect((await api.get('/api/agents/docs')).body).toMatchObject({ status: 'active' });
  for (const verb of ['archive', 'restore'])
    for (const nobody of NOBODY) expect((await api.post(`/api/agents/${nobody}/${verb}`)).status).toBe(404);
});

it.each([
  ['a wait', { executor: { wait: { for: '1s' } } }, 'executor'],
  ['a capability twice', { capabilities: ['sql', 'sql'] }, 'capabilities[1]'],
  ['a level of six', { capabilities: [{ name: 'sql', level: 6 }] }, 'capabilities'],
  ['a line of the shell', { constraints: { commands: ['a && b'] } }, 'constraints.commands'],
  ['tools of an agent', { executor: { agent: 'codex' }, tools: ['search'] }, 'executor'],
  ['an unknown tool', { tools: ['teleport'] }, 'tools'],
])('%s is refused with its place', async (_, over, path) => {
  const { status, body } = await api.post('/api/agents', { slug: 'x', type: 'y', ...over });
  expect(status).toBe(422);
  const places = (body['errors'] as { path: string }[]).map((error) => error.path);
  expect(places.filter((place) => !place.startsWith(path))).toEqual([]);
});

it('what there is not is said so', async () => {
  for (const nobody of NOBODY) {
    expect((await api.get(`/api/agents/${nobody}`)).status).toBe(404);
    expect((await api.patch(`/api/agents/${nobody}`, { description: 'x' })).status).toBe(404);
  }
  expect((await api.patch('/api/agents/docs', {})).status).toBe(422);
});
