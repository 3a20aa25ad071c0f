import { ApiProcess, type Answer } from '#testing/api-process.js';
import { createOrigin } from '#testing/git-repositories.js';

let api: ApiProcess;
let repository: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  const files = { 'a.ts': 'export function createUser() {\n  return 1;\n}\n' };
  repository = await createOrigin(await api.folder.next('demo'), files);
});

afterAll(() => api.stop());

const SPEC = `spec: 1
rules:
  - id: audited
    description: Users are created with an audit.
    scope: { include: ["**/*.ts"] }
    require: { identifiers: [createUserAudit] }
`;
const task = (key: string, more: object = {}) => ({
  key,
  title: `Task ${key}`,
  prompt: `do ${key}`,
  executor: { external: {} },
  ...more,
});

async function started(...tasks: object[]): Promise<number> {
  const phases = [{ name: 'One', mode: 'parallel', tasks }];
  const { body, status } = await api.post('/api/plans', { repository, plan: { name: 'Outside', phases } });
  expect({ status, body }).toMatchObject({ status: 201 });
  await api.post(`/api/plans/${String(body['number'])}/execute`);
  return body['number'] as number;
}

const say = (of: string, verb: string, body?: object): Promise<Answer> =>
  api.post(`/api/plan-tasks/${of}/${verb}`, body);
const ready = async (query: string): Promise<unknown[]> =>
  ((await api.get(`/api/ready?${query}`)).body['items'] as { task: string }[]).map((each) => each.task);

it('lists what can be claimed now, by what the asker can do', async () => {
  const plan = await started(
    task('a', { needs: ['sql'] }),
    task('b', { needs: ['sql', 'typescript'] }),
    task('c', { dependsOn: ['a'] }),
    task('d', { executor: { wait: { event: 'go' } } }),
  );
  expect(await ready(`plan=${plan}`)).toEqual([`${plan}.1`, `${plan}.2`]);
  expect(await ready(`plan=${plan}&needs=sql`)).toEqual([`${plan}.1`]);
  expect(await ready(`plan=${plan}&needs=`)).toEqual([]);
  expect((await api.get('/api/ready?needs=Not_A_Name')).status).toBe(422);
  await say(`${plan}.1`, 'claim');
  expect(await ready(`plan=${plan}`)).toEqual([`${plan}.2`]);
  await api.post(`/api/plans/${plan}/pause`);
  expect(await ready(`plan=${plan}`)).toEqual([]);
});

it('a claim with a lease is answered with its token, and held by heartbeats that name it', async () => {
  const plan = await started(task('a'));
  const { body } = await say(`${plan}.1`, 'claim', { leaseSeconds: 60 });
  const { token, until } = body['lease'] as { token: string; until: string };
  const beat = await say(`${plan}.1`, 'heartbeat', { token });
  expect(beat.status).toBe(200);
  expect(Date.parse(beat.body['until'] as string)).toBeGreaterThanOrEqual(Date.parse(until));
  const other = '01890000-0000-7000-8000-000000000000';
  expect((await say(`${plan}.1`, 'heartbeat', { token: other })).status).toBe(409);
  expect((await say(`${plan}.1`, 'fail', { note: 'not mine' })).status).toBe(409);
  expect((await say(`${plan}.1`, 'release', { token })).body).toMatchObject({ status: 'ready' });
  expect((await say(`${plan}.1`, 'claim')).body).toMatchObject({ lease: null, status: 'claimed' });
});

it('tells what whoever carries it out has to know', async () => {
  const plan = await started(task('a'), task('b', { dependsOn: ['a'], spec: SPEC, needs: ['typescript'] }));
  await say(`${plan}.1`, 'complete', { note: 'in the console' });
  expect((await api.get(`/api/plan-tasks/${plan}.2/context`)).body).toMatchObject({
    task: `${plan}.2`,
    prompt: 'do b',
    needs: ['typescript'],
    spec: {
      yaml: SPEC,
      words: expect.arrayContaining([expect.stringContaining('createUserAudit')]) as unknown,
    },
    dependencies: [{ task: `${plan}.1`, status: 'completed', note: 'in the console' }],
    analogous: [{ like: 'createUserAudit', items: [{ file: 'a.ts', name: 'createUser' }] }],
    violations: [],
  });
});

it('a patch is handed in, becomes one commit on the tip, and is verified', async () => {
  const plan = await started(task('a'));
  const patch = (from: string) =>
    `--- a/a.ts\n+++ b/a.ts\n@@ -1,3 +1,3 @@\n export function createUser() {\n-  return ${from};\n+  return 2;\n }\n`;
  const refused = await say(`${plan}.1`, 'submit', { patch: patch('7') });
  expect(refused).toMatchObject({ status: 409, body: { errors: [{ path: 'a.ts', line: 1 }] } });
  expect((await say(`${plan}.1`, 'submit', { patch: 'nothing' })).status).toBe(422);
  expect((await say(`${plan}.1`, 'submit', { patch: patch('1'), ref: 'main' })).status).toBe(422);
  expect((await say(`${plan}.1`, 'submit', { patch: patch('1') })).body).toMatchObject({
    status: 'verifying',
  });
  expect((await api.get(`/api/plan-tasks/${plan}.1/diff`)).body).toMatchObject({
    files: [{ path: 'a.ts', text: expect.stringContaining('+  return 2;') as unknown }],
  });
});
