import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { DeliveryView } from '#contracts/api/deliveries.js';
import type { PlanView } from '#contracts/api/plans.js';
import { ApiProcess } from '#testing/api-process.js';
import {
  commitAll,
  createOrigin,
  git,
  TemporaryFolder,
  TEST_PATH,
  writeFiles,
} from '#testing/git-repositories.js';
import { PrivateGitServer } from '#testing/private-git-server.js';
import { eventually } from '#testing/processes.js';

/** Deliveries over HTTP and from the terminal, at a private origin that only the API can open. */

const run = promisify(execFile);
const TIMEOUT = 60_000;
const SECRET = 'g1t-t0ken';

let api: ApiProcess;
let server: PrivateGitServer;
let served: TemporaryFolder;
let clone: string;
let number: number;

beforeAll(async () => {
  served = await TemporaryFolder.create();
  const folder = served.path;
  server = await PrivateGitServer.start(folder, `x-access-token:${SECRET}`);
  const { host } = new URL(server.url('acme/demo'));
  api = await ApiProcess.start({
    PLANWRIGHT_GIT_TOKENS: `${host}=${SECRET}`,
    PLANWRIGHT_FORGE_TOKEN: 'f0rge-t0ken',
    PLANWRIGHT_FORGE_URL: 'http://127.0.0.1:9/api/v3',
  });
  clone = await createOrigin(await api.folder.next('clone'));
  await git(clone, 'clone', '--quiet', '--bare', clone, path.join(folder, 'demo.git'));
  await git(clone, 'remote', 'add', 'origin', path.join(folder, 'demo.git'));
  const tasks = [{ title: 'Wait', executor: { wait: { event: 'go' } } }];
  const plan = { name: 'Delivered', phases: [{ name: 'One', mode: 'parallel', tasks }] };
  const repository = server.url('acme/demo');
  ({ number } = (await api.post('/api/plans', { repository, plan })).body as unknown as PlanView);
}, TIMEOUT);
afterAll(async () => {
  await api.stop();
  await server.close();
  await served.remove();
});

async function planwright(...args: readonly string[]) {
  const env = {
    PATH: TEST_PATH,
    PLANWRIGHT_URL: api.url,
    PLANWRIGHT_TOKEN: api.token,
    PLANWRIGHT_HOME: api.home,
  };
  return run(process.execPath, [path.resolve('dist/apps/cli/main.js'), ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

it('a plan is refused before it is completed, and what is asked is checked', async () => {
  const ready = await api.post(`/api/plans/${number}/finish`);
  expect([ready.status, ready.body['remedy']]).toEqual([409, 'Start it first.']);
  for (const body of [
    { way: 'force' },
    { target: '-f' },
    { target: 'a..b' },
    { more: 1 },
    { executor: { wait: {} } },
  ])
    expect((await api.post(`/api/plans/${number}/finish`, body)).status).toBe(422);
  expect((await api.post('/api/plans/999/finish')).status).toBe(404);
  expect((await api.get('/api/plans/999/delivery')).status).toBe(404);
  expect((await api.get(`/api/plans/${number}/deliveries/1`)).status).toBe(404);
});

it('how it stands is asked of the private origin, and said in the terminal', async () => {
  await api.post(`/api/plans/${number}/execute`);
  await api.post(`/api/plans/${number}/signals`, { name: 'go' });
  await eventually('the plan is completed', async () => {
    return (await api.get(`/api/plans/${number}`)).body['status'] === 'completed';
  });
  await writeFiles(clone, { 'more.txt': 'more\n' });
  const tip = await commitAll(clone, 'Moved');
  await git(clone, 'push', '--quiet', 'origin', 'main');
  const { status, body } = await api.get(`/api/plans/${number}/delivery`);
  expect([status, body]).toEqual([
    200,
    { branch: 'main', tip, behind: 1, ahead: 0, touches: [], conflicts: [] },
  ]);
  const nowhere = await api.get(`/api/plans/${number}/delivery?target=nowhere`);
  expect([nowhere.status, nowhere.body['detail']]).toEqual([
    409,
    expect.stringContaining('has no branch nowhere'),
  ]);
  const said = await planwright('finish', String(number), '--dry-run');
  expect(said).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing was changed') });
  expect(said.stdout).toContain('the plan is 0 ahead and 1 behind. They merge.');
});

it('it is delivered, listed, and the same key is answered with the same delivery', async () => {
  const key = { 'idempotency-key': 'once' };
  const first = await api.post(`/api/plans/${number}/finish`, {}, key);
  expect(first.status).toBe(202);
  // A forge is known for this origin: that is what is meant.
  expect(first.body).toMatchObject({ number: 1, way: 'pull_request', targetBranch: 'main' });
  const again = await api.post(`/api/plans/${number}/finish`, {}, key);
  expect([again.headers.get('idempotent-replayed'), again.body['id']]).toEqual(['true', first.body['id']]);
  await eventually('it has ended', async () => {
    return (await api.get(`/api/plans/${number}/deliveries/1`)).body['status'] === 'delivered';
  });
  const said = await planwright('finish', String(number), '--merge', '--watch');
  expect(said).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/main \([0-9a-f]{12}\) has it all already/),
  });
  const { items } = (await api.get(`/api/plans/${number}/deliveries`)).body as unknown as {
    items: DeliveryView[];
  };
  expect(items).toMatchObject([
    { number: 2, way: 'merge', status: 'delivered', outcome: 'contained', actor: 'owner' },
    { number: 1, way: 'pull_request', status: 'delivered', outcome: 'contained' },
  ]);
});

it('no answer holds a secret', async () => {
  const paths = ['', '/deliveries', '/delivery', '/iterations', '/export'].map(
    (end) => `/api/plans/${number}${end}`,
  );
  const answers = await Promise.all(
    [...paths, '/api/repositories', '/api/health'].map((each) => api.get(each)),
  );
  expect(answers.map(({ text }) => text).join('\n')).not.toMatch(/t0ken/);
});
