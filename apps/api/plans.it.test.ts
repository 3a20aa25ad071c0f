import { mkdir } from 'node:fs/promises';
import { ApiProcess, type Answer } from '#testing/api-process.js';
import { createOrigin, git } from '#testing/git-repositories.js';

let api: ApiProcess;
let repository: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  repository = await createOrigin(await api.folder.next('demo'));
});

afterAll(() => api.stop());

const task = (key: string, more: object = {}) => ({
  key,
  title: `Task ${key}`,
  executor: { command: 'true' },
  ...more,
});
const plan = (...tasks: object[]) => ({ name: 'Demo', phases: [{ name: 'One', mode: 'parallel', tasks }] });
const create = (body: object) => api.post('/api/plans', { repository, ...body });
const count = async () => ((await api.get('/api/plans')).body['items'] as unknown[]).length;
const YAML = `name: From YAML
phases:
  - name: One
    mode: sequential
    tasks:
      - { key: a, title: A, executor: { command: 'true' } }
      - { key: b, title: B, executor: { command: 'true', timeout: 5m } }
`;

function expectProblem(answer: Answer, status: number, kind: string): void {
  expect(answer.type).toContain('application/problem+json');
  expect(answer).toMatchObject({ status, body: { status, type: `urn:planwright:problem:${kind}` } });
}

/** Refused as invalid, with these errors, and nothing was created. */
async function expectRefused(body: object, errors: object[]): Promise<void> {
  const before = await count();
  const answer = await create(body);
  expectProblem(answer, 422, 'invalid');
  expect(answer.body['errors']).toMatchObject(errors);
  expect(await count()).toBe(before);
}

describe('creating a plan', () => {
  it('from JSON gives the plan, ready, on the commit of the current branch', async () => {
    const head = await git(repository, 'rev-parse', 'HEAD');
    const answer = await create({ plan: plan(task('a'), task('b', { dependsOn: ['a'] })) });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      name: 'Demo',
      status: 'ready',
      baseCommit: head,
      baseBranch: 'main',
      tipCommit: head,
      eventSeq: 1,
    });
    expect(answer.body['phases']).toMatchObject([
      {
        status: 'pending',
        tasks: [
          { key: 'a', dependsOn: [] },
          { key: 'b', dependsOn: [1] },
        ],
      },
    ]);
  });

  it('from the text of a plan file gives the same, by number and by id', async () => {
    const { status, body } = await create({ planYaml: YAML });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'From YAML', status: 'ready' });
    expect((await api.get(`/api/plans/${body['number']}`)).body).toEqual(body);
    expect((await api.get(`/api/plans/${body['id']}`)).body).toEqual(body);
    expect((await api.get(`/api/plans/${String(body['id']).slice(0, 23)}`)).body).toEqual(body);
    expect((await api.get(`/api/plans/${String(body['id']).slice(-8).toUpperCase()}`)).body).toEqual(body);
    expect((await api.get('/api/plans/latest')).body).toEqual(body);
    expectProblem(await api.get(`/api/plans/${String(body['id']).slice(0, 5)}`), 422, 'invalid');
  });

  it('without phases gives a plan that can be filled, and cannot start before', async () => {
    const { status, body } = await create({ plan: { name: 'Empty', metadata: { ticket: 1 }, phases: [] } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: 'ready', metadata: { ticket: 1 }, phases: [] });
    const start = () => api.post(`/api/plans/${body['number']}/execute`);
    expectProblem(await start(), 409, 'conflict');
    await api.post('/api/plan-tasks', { planId: String(body['number']), ...task('a') });
    expect((await start()).status).toBe(202);
  });

  it('touches neither the branches nor the checkout of the repository', async () => {
    const before = [await git(repository, 'for-each-ref'), await git(repository, 'status', '--porcelain')];
    await create({ plan: plan(task('a')) });
    expect([await git(repository, 'for-each-ref'), await git(repository, 'status', '--porcelain')]).toEqual(
      before,
    );
  });
});

describe('a refused plan creates nothing', () => {
  it('a cycle', () =>
    expectRefused({ plan: plan(task('a', { dependsOn: ['b'] }), task('b', { dependsOn: ['a'] })) }, [
      { message: expect.stringContaining('wait for each other') as unknown },
    ]));

  it('an unknown dependency, with its place', () =>
    expectRefused({ planYaml: YAML.replace('{ key: b,', '{ key: b, dependsOn: [x],') }, [
      { path: 'phases[0].tasks[1].dependsOn[0]', line: 7, column: 31 },
    ]));

  it('a spec that cannot be read, with the line in the spec and in the plan', async () => {
    const spec = `nonsense: 1`;
    await expectRefused(
      { planYaml: YAML.replace('{ key: b,', `{ key: b, spec: '${spec}',`) },
      expect.arrayContaining([
        expect.objectContaining({
          path: 'phases[0].tasks[1].spec',
          line: 7,
          message: expect.stringContaining('line 1') as unknown,
        }),
      ]) as unknown as object[],
    );
  });

  it('a text that is no YAML, with its line', () => expectRefused({ planYaml: 'name: [' }, [{ line: 1 }]));

  it('a folder that is no repository', async () => {
    const folder = await api.folder.next('nothing');
    await mkdir(folder);
    await expectRefused({ repository: folder, plan: plan(task('a')) }, [{ path: 'repository' }]);
    await expectRefused({ repository: `${folder}/missing`, plan: plan(task('a')) }, [{ path: 'repository' }]);
  });

  it('a repository without a commit', async () => {
    const empty = await api.folder.next('empty');
    await mkdir(empty);
    await git(empty, 'init', '--quiet');
    await expectRefused({ repository: empty, plan: plan(task('a')) }, [{ path: 'repository' }]);
  });

  it('a base that does not exist', () =>
    expectRefused({ plan: { ...plan(task('a')), base: 'no-such-branch' } }, [{ path: 'repository' }]));

  it('unknown fields, of the plan and of the request', async () => {
    await expectRefused({ plan: { ...plan(task('a', { promt: 'x' })) } }, [
      { path: 'phases[0].tasks[0].promt' },
    ]);
    await expectRefused({ plan: plan(task('a')), owner: 'me' }, [
      { path: 'owner', message: 'unknown key "owner"' },
    ]);
  });

  it('both shapes at once, and none', async () => {
    await expectRefused({ plan: plan(task('a')), planYaml: YAML }, [{ path: 'plan' }]);
    await expectRefused({}, [{ path: 'plan' }]);
  });
});

describe('every refusal is a problem document', () => {
  it.each([
    '/api/plans/999999',
    '/api/plans/00000000-0000-7000-8000-000000000000',
    '/api/plans/abc',
    '/api/plans/0',
    '/api/nothing',
    '/api/plans/999999/events',
  ])('404 for %s', async (path) => expectProblem(await api.get(path), 404, 'not-found'));

  it('404 for a task that the plan does not have', async () => {
    const { body } = await create({ plan: plan(task('a')) });
    expectProblem(await api.post(`/api/plan-tasks/${body['number']}.2/approve`), 404, 'not-found');
  });

  it('409 for an approval that nobody waits for', async () => {
    const { body } = await create({ plan: plan(task('a')) });
    expectProblem(await api.post(`/api/plan-tasks/${body['number']}.1/approve`), 409, 'conflict');
  });

  it('413 for a body over the limit', async () => {
    expectProblem(
      await api.post('/api/plans', { repository, planYaml: 'x'.repeat(1_100_000) }),
      413,
      'too-large',
    );
  });

  it('400 for a body that is no JSON', async () => {
    const answer = await api.post('/api/plans', '{"repository": ');
    expect(answer.type).toContain('application/problem+json');
    expect(answer).toMatchObject({ status: 400, body: { status: 400 } });
  });

  it('422 for an event id that is no number', async () => {
    const { body } = await create({ plan: plan(task('a')) });
    expectProblem(await api.get(`/api/plans/${body['number']}/events?after=x`), 422, 'invalid');
  });
});

describe('executing', () => {
  it('twice at once: one is accepted, the other is told that the plan runs', async () => {
    const { body } = await create({ plan: plan(task('a')) });
    const path = `/api/plans/${body['number']}/execute`;
    const answers = await Promise.all([api.post(path), api.post(path)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    const refused = answers.find(({ status }) => status === 409) as Answer;
    expectProblem(refused, 409, 'conflict');
    expect(refused.body['detail']).toContain('is running');
    expect(answers.find(({ status }) => status === 202)?.body).toMatchObject({ status: 'running' });
  });

  it('asks before each task of a manual phase, and goes on when it is approved', async () => {
    const manual = { name: 'Manual', phases: [{ name: 'One', mode: 'manual', tasks: [task('a')] }] };
    const { body } = await create({ plan: manual });
    const started = await api.post(`/api/plans/${body['number']}/execute`);
    expect(started.body['phases']).toMatchObject([
      { tasks: [{ status: 'awaiting_approval', attempts: [] }] },
    ]);
    const approved = await api.post(`/api/plan-tasks/${body['number']}.1/approve`);
    expect(approved.status).toBe(202);
    expect(approved.body).toMatchObject({
      status: 'queued',
      attempts: [
        {
          number: 1,
          status: 'queued',
          jobs: expect.stringMatching(/^\/jobs\/of\/[0-9a-f-]{36}$/) as unknown,
        },
      ],
    });
  });
});

describe('the event stream', () => {
  const manual = (size: number) => ({
    name: 'Events',
    concurrency: 10,
    phases: [{ name: 'One', mode: 'manual', tasks: Array.from({ length: size }, (_, i) => task(`t${i}`)) }],
  });
  const seqs = (events: readonly { id: string | undefined }[]) => events.map(({ id }) => Number(id));
  const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i + 1);

  it('gives everything that was, then what comes, in order, and resumes without gap or repetition', async () => {
    const { body } = await create({ plan: manual(8) });
    const path = `/api/plans/${body['number']}`;
    const first = api.stream(`${path}/events`, 4);
    const started = await api.post(`${path}/execute`);
    expect(seqs(await first)).toEqual(upTo(0, 4));
    const known = started.body['eventSeq'] as number;
    const resumed = api.stream(`${path}/events`, known - 4 + 8, { 'last-event-id': '4' });
    for (let number = 1; number <= 8; number += 1)
      await api.post(`/api/plan-tasks/${body['number']}.${number}/approve`);
    const events = await resumed;
    expect(seqs(events)).toEqual(upTo(4, known + 8));
    expect(events.slice(-8).map(({ event }) => event)).toEqual(Array(8).fill('task.approved'));
    const again = await api.stream(`${path}/events?after=${known}`, 8);
    expect(again).toEqual(events.slice(-8));
  });

  it('prefers Last-Event-ID to the address that it first came with', async () => {
    const { body } = await create({ plan: manual(2) });
    await api.post(`/api/plans/${body['number']}/execute`);
    expect(
      seqs(await api.stream(`/api/plans/${body['number']}/events?after=0`, 2, { 'last-event-id': '2' })),
    ).toEqual([3, 4]);
  });

  it('gives more events than one page in one go', async () => {
    const { body } = await create({ plan: manual(30) });
    const path = `/api/plans/${body['number']}`;
    await api.post(`${path}/execute`);
    const last = (await api.get(path)).body['eventSeq'] as number;
    const events = await api.stream(`${path}/events`, last);
    expect(seqs(events)).toEqual(upTo(0, last));
    for (const { id, event, data } of events)
      expect(JSON.parse(data)).toMatchObject({ seq: Number(id), type: event });
  });
});
