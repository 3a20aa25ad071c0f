import { ApiProcess } from '#testing/api-process.js';
import { createOrigin } from '#testing/git-repositories.js';

let api: ApiProcess;
let repository: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  repository = await createOrigin(await api.folder.next('demo'));
});

afterAll(() => api.stop());

const task = (key: string) => ({ key, title: `Task ${key}`, executor: { command: 'true' } });
const body = (name = 'Demo') => ({
  repository,
  plan: { name, phases: [{ name: 'One', mode: 'manual', tasks: [task('a'), task('b')] }] },
});
interface Plan {
  readonly id: string;
  readonly number: number;
  readonly revision: number;
  readonly phases: readonly { readonly id: string; readonly name: string }[];
}
const create = async () => (await api.post('/api/plans', body())).body as unknown as Plan;

/** The items of a list, page by page, as its Link headers lead. */
async function* pages(first: string): AsyncGenerator {
  let address: string | undefined = first;
  while (address !== undefined) {
    const page = await api.get(address);
    yield* page.body['items'] as unknown[];
    address = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
  }
}

describe('an Idempotency-Key', () => {
  it('lets one of twenty equal requests at once create a plan, and gives its answer to the others', async () => {
    const headers = { 'idempotency-key': 'twenty' };
    const all = await Promise.all(
      Array.from({ length: 20 }, () => api.post('/api/plans', body('Twenty'), headers)),
    );
    expect(all.filter(({ status }) => ![201, 409].includes(status))).toEqual([]);
    const again = await api.post('/api/plans', body('Twenty'), headers);
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const created = all.filter(({ status }) => status === 201);
    expect(new Set(created.map((answer) => answer.body['id']))).toEqual(new Set([again.body['id']]));
    const { items } = (await api.get('/api/plans?limit=100')).body as { items: { name: string }[] };
    expect(items.filter(({ name }) => name === 'Twenty')).toHaveLength(1);
  });

  it('is refused with another body, and free again after a refusal', async () => {
    const headers = { 'idempotency-key': 'one' };
    expect((await api.post('/api/plans', { repository }, headers)).status).toBe(422);
    expect((await api.post('/api/plans', body('First'), headers)).status).toBe(201);
    const other = await api.post('/api/plans', body('Second'), headers);
    expect(other).toMatchObject({ status: 422, body: { errors: [{ path: 'Idempotency-Key' }] } });
  });

  it('makes a second start an answer instead of a conflict', async () => {
    const { number } = await create();
    const start = () => api.post(`/api/plans/${number}/execute`, undefined, { 'idempotency-key': 's' });
    const [first, second] = [await start(), await start()];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body).toEqual(first.body);
  });

  it.each(['with space', 'x'.repeat(201)])('cannot be %j', async (key) => {
    expect((await api.post('/api/plans', body(), { 'idempotency-key': key })).status).toBe(422);
  });
});

describe('an edit with If-Match', () => {
  it('is made once of ten at once on the same revision', async () => {
    const { number } = await create();
    const etag = (await api.get(`/api/plans/${number}`)).headers.get('etag') ?? '';
    const edits = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        api.patch(`/api/plans/${number}`, { name: `Name ${i}` }, { 'if-match': etag }),
      ),
    );
    expect(edits.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(412)]);
    expect(edits.find(({ status }) => status === 200)?.headers.get('etag')).not.toBe(etag);
    expect((await api.get(`/api/plans/${number}/iterations`)).body['items']).toHaveLength(2);
  });

  it.each([
    ['W/"1"', 412],
    ['"other"', 412],
    ['1', 422],
    ['*', 200],
  ])('of %s gives %i', async (etag, status) => {
    const { number } = await create();
    expect((await api.patch(`/api/plans/${number}`, { name: 'New' }, { 'if-match': etag })).status).toBe(
      status,
    );
  });
});

describe('phases and tasks before the start', () => {
  it('are added, changed, moved and deleted', async () => {
    const plan = await create();
    const added = await api.post('/api/phases', {
      planId: String(plan.number),
      name: 'Two',
      mode: 'parallel',
    });
    expect(added.status).toBe(201);
    const phase = (added.body as unknown as Plan).phases.find(({ name }) => name === 'Two');
    const created = await api.post('/api/plan-tasks', {
      ...task('c'),
      phaseId: phase?.id,
      dependsOn: ['a'],
      needs: ['sql', 'css'],
    });
    expect(created).toMatchObject({
      status: 201,
      body: { number: 3, key: 'c', dependsOn: [1], needs: ['sql', 'css'], plan: plan.number },
    });
    const name = `/api/plan-tasks/${plan.number}.3`;
    expect(await api.patch(name, { title: 'Other', dependsOn: [] })).toMatchObject({
      status: 200,
      body: { title: 'Other', dependsOn: [], needs: ['sql', 'css'] },
    });
    expect(await api.patch(name, { needs: ['CSS'] })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'needs[0]' }] },
    });
    expect((await api.patch(name, { needs: [] })).body['needs']).toEqual([]);
    expect((await api.get(`/api/plan-tasks/${created.body['id']}`)).body).toEqual((await api.get(name)).body);
    const moved = await api.patch(`/api/phases/${phase?.id}`, { position: 1 });
    expect(moved.body['phases']).toMatchObject([{ name: 'Two' }, { name: 'One' }]);
    expect((await api.delete(name)).status).toBe(204);
    expect((await api.get(name)).status).toBe(404);
    expect((await api.delete(`/api/phases/${phase?.id}`)).status).toBe(204);
    expect((await api.get(`/api/plans/${plan.number}/iterations`)).body['items']).toHaveLength(8);
  });

  it('refuse a cycle, an unknown field, an empty edit, and what has begun', async () => {
    const { number } = await create();
    await api.patch(`/api/plan-tasks/${number}.2`, { dependsOn: ['a'] });
    expect((await api.patch(`/api/plan-tasks/${number}.1`, { dependsOn: ['b'] })).status).toBe(422);
    expect(await api.patch(`/api/plan-tasks/${number}.1`, { titel: 'x' })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'titel' }, { path: '' }] },
    });
    expect((await api.patch(`/api/plan-tasks/${number}.1`, {})).status).toBe(422);
    await api.post(`/api/plans/${number}/execute`);
    await api.post(`/api/plan-tasks/${number}.1/approve`);
    const late = await api.patch(`/api/plan-tasks/${number}.1`, { title: 'x' });
    expect((await api.patch(`/api/plan-tasks/${number}.2`, { title: 'x' })).status).toBe(200);
    expect(late).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('.1 is queued; its title cannot change') as unknown },
    });
  });
});

describe('a task by the place in its plan', () => {
  const add = (place: object) => api.post('/api/plan-tasks', { ...place, ...task('more') });

  it('comes to the phase of that number, or to the last one', async () => {
    const { id, number, phases } = await create();
    await api.post('/api/phases', { planId: id.slice(-12), name: 'Two', mode: 'parallel' });
    const last = await add({ planId: String(number) });
    expect(last).toMatchObject({ status: 201, body: { plan: number, number: 3 } });
    expect(last.body['phaseId']).not.toBe(phases[0]?.id);
    const first = await api.post('/api/plan-tasks', { planId: id, phase: 1, ...task('first') });
    expect(first.body).toMatchObject({ phaseId: phases[0]?.id, number: 4 });
  });

  it('makes the first phase of a plan that has none, in the same edit', async () => {
    const { number } = (await api.post('/api/plans', { repository, plan: { name: 'Empty', phases: [] } }))
      .body as unknown as Plan;
    expect(await add({ planId: String(number) })).toMatchObject({ status: 201, body: { revision: 2 } });
    expect((await api.get(`/api/plans/${number}`)).body['phases']).toMatchObject([
      { name: 'Tasks', mode: 'sequential', tasks: [{ key: 'more' }] },
    ]);
  });

  it('is refused where there is no such phase or plan, and for two places or none', async () => {
    const { number, phases } = await create();
    const planId = String(number);
    expect((await add({ planId, phase: 2 })).status).toBe(404);
    expect((await add({ planId: '999999' })).status).toBe(404);
    const phaseId = phases[0]?.id;
    for (const place of [{}, { planId, phaseId }, { phase: 1, phaseId }])
      expect((await add(place)).status).toBe(422);
    expect((await api.get(`/api/plans/${number}`)).body).toMatchObject({ revision: 1 });
  });
});

describe('steps of a plan', () => {
  it('pause and resume it, and say in which state they cannot', async () => {
    const { number } = await create();
    expect((await api.post(`/api/plans/${number}/pause`)).status).toBe(409);
    await api.post(`/api/plans/${number}/execute`);
    expect(await api.post(`/api/plans/${number}/pause`, { note: 'lunch' })).toMatchObject({
      status: 202,
      body: { status: 'paused', pauseReason: 'user', pauseNote: 'lunch' },
    });
    expect((await api.post(`/api/plans/${number}/resume`)).body).toMatchObject({ status: 'running' });
    expect((await api.post(`/api/plan-tasks/${number}.1/retry`)).status).toBe(409);
    expect((await api.post(`/api/plan-tasks/${number}.1/reject`, { note: 'no' })).status).toBe(202);
  });

  it('delete one that never ran', async () => {
    const { number } = await create();
    expect((await api.delete(`/api/plans/${number}`, { 'if-match': '"99"' })).status).toBe(412);
    expect((await api.delete(`/api/plans/${number}`)).status).toBe(204);
    expect((await api.get(`/api/plans/${number}`)).status).toBe(404);
  });
});

describe('an export', () => {
  it('creates the same plan again', async () => {
    const { number } = await create();
    const plan = (await api.get(`/api/plans/${number}/export`)).body;
    const copy = await api.post('/api/plans', { repository, plan });
    expect(copy.status).toBe(201);
    expect((await api.get(`/api/plans/${copy.body['number']}/export`)).body).toEqual(plan);
  });
});

describe('lists', () => {
  it('give every plan once, page by page, by their Link', async () => {
    const seen: number[] = [];
    for await (const item of pages('/api/plans?limit=3')) seen.push((item as Plan).number);
    const all = (await api.get('/api/plans?limit=100')).body['items'] as Plan[];
    expect(seen).toEqual(all.map(({ number }) => number));
    expect(seen.length).toBeGreaterThan(6);
  });

  it('give every repository once, by name', async () => {
    for (const name of ['b', 'a', 'c'])
      await api.post('/api/repositories', { origin: await createOrigin(await api.folder.next(name)) });
    const seen: unknown[] = [];
    for await (const item of pages('/api/repositories?limit=1')) seen.push(item);
    const all = (await api.get('/api/repositories')).body;
    expect(seen).toEqual(all['items']);
    expect(all['nextCursor']).toBeNull();
    const names = (seen as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect(names.length).toBeGreaterThan(3);
    expect((await api.get('/api/repositories?limit=101')).status).toBe(422);
  });

  it('refuse a cursor that they did not give', async () => {
    const { nextCursor } = (await api.get('/api/plans?limit=1')).body as { nextCursor: string };
    expect((await api.get(`/api/plans?cursor=${nextCursor}`)).status).toBe(200);
    const invented = Buffer.from('plan:2').toString('base64url');
    for (const address of ['plans', 'repositories'].flatMap((list) => [
      `/api/${list}?cursor=${invented}`,
      `/api/${list}?cursor=${list === 'plans' ? `${nextCursor}A` : nextCursor}`,
    ]))
      expect(await api.get(address)).toMatchObject({ status: 422, body: { errors: [{ path: 'cursor' }] } });
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'repository=1', 'status=odd', 'cursor=%00', 'repositoryId=1'])(
    'refuse ?%s',
    async (query) => expect((await api.get(`/api/plans?${query}`)).status).toBe(422),
  );
});

describe('repositories and specs', () => {
  it('are registered once and read', async () => {
    const [first, second] = [
      await api.post('/api/repositories', { origin: repository }),
      await api.post('/api/repositories', { origin: repository }),
    ];
    expect(first).toMatchObject({ status: 201, body: { origin: repository } });
    expect(second.body).toEqual(first.body);
    expect((await api.get(`/api/repositories/${first.body['id']}`)).body).toEqual(first.body);
    expect((await api.get('/api/repositories')).body['items']).toContainEqual(first.body);
    const none = await api.post('/api/repositories', { origin: '/nowhere' });
    expect(none).toMatchObject({ status: 422, body: { errors: [{ path: 'origin' }] } });
  });

  it('say what is wrong with a spec, with its place, and keep a good one', async () => {
    const yaml = 'spec: 1\nrules:\n  - { id: r, forbid: { identifiers: [a] } }\n';
    expect((await api.post('/api/plan-specs/validate', { yaml })).body).toMatchObject({
      ok: true,
      problems: [],
    });
    expect((await api.post('/api/plan-specs/validate', { yaml: 'spec: 1\nrule: x\n' })).body).toMatchObject({
      ok: false,
      problems: [{ line: 2 }],
    });
    const { number } = await create();
    const { specId } = (await api.patch(`/api/plan-tasks/${number}.1`, { spec: yaml })).body;
    expect((await api.get(`/api/plan-specs/${String(specId)}`)).body).toMatchObject({ specYaml: yaml });
    expect((await api.get('/api/plan-specs/none')).status).toBe(404);
  });
});

describe('the API about itself', () => {
  it('serves its OpenAPI document and a page of it', async () => {
    expect((await api.get('/api/openapi.json')).body).toMatchObject({ openapi: '3.1.0' });
    const page = await api.get('/api/docs');
    expect(page.type).toContain('text/html');
    expect(page.text).not.toMatch(/https?:|<script(?! src=)|<style| style=/);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|http|\*/);
    const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
    expect(files).toHaveLength(3);
    for (const file of files) {
      const { status, type, headers } = await api.get(file);
      expect([status, headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
      expect(type).toMatch(/^text\/(javascript|css)/);
    }
    expect((await api.get('/api/docs/start.js')).text).toContain("url: '/api/openapi.json'");
  });

  it.each(['package.json', 'swagger-ui.js', '..%2fpackage.json', '__proto__'])(
    'serves nothing else of what is installed: %s',
    async (file) => expect((await api.get(`/api/docs/${file}`)).status).toBe(404),
  );

  it('changes nothing for a page that does not send the token, its own neither', async () => {
    const { number } = await create();
    const headers = { origin: api.url, referer: `${api.url}/api/docs`, 'sec-fetch-site': 'same-origin' };
    const signedIn = await fetch(`${api.url}/jobs?token=${api.token}`, { redirect: 'manual' });
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    for (const more of [{}, { cookie }]) {
      const sent = await fetch(`${api.url}/api/plans/${number}`, {
        method: 'DELETE',
        headers: { ...headers, ...more },
      });
      expect(sent.status).toBe(401);
    }
    expect((await api.delete(`/api/plans/${number}`, headers)).status).toBe(204);
  });
});
