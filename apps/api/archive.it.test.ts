import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { PlanView } from '#contracts/api/plans.js';
import { ApiProcess } from '#testing/api-process.js';
import { createOrigin, TEST_PATH } from '#testing/git-repositories.js';

/** Archives over HTTP and from the terminal, and a stranger who has openssl, git and sha256sum alone. */

const run = promisify(execFile);
const TIMEOUT = 60_000;
let api: ApiProcess;
let number: number;
let file: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  const repository = await createOrigin(await api.folder.next('origin'));
  const wait = { executor: { wait: { event: 'go' } } };
  const tasks = [
    { key: 'a', title: 'First', ...wait },
    { key: 'b', title: 'Second', executor: { external: {} } },
  ];
  const plan = { name: 'Over', phases: [{ name: 'One', mode: 'parallel', tasks }] };
  ({ number } = (await api.post('/api/plans', { repository, plan })).body as unknown as PlanView);
  await api.post(`/api/plans/${number}/execute`);
  file = await api.folder.next('plan.planwright-archive');
}, TIMEOUT);
afterAll(() => api.stop());

async function planwright(...args: readonly string[]) {
  const cli = path.resolve('dist/apps/cli/main.js');
  const env = {
    PATH: TEST_PATH,
    PLANWRIGHT_URL: api.url,
    PLANWRIGHT_TOKEN: api.token,
    PLANWRIGHT_HOME: api.home,
  };
  return run(process.execPath, [cli, ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

it('a plan that runs is audited over HTTP and from the terminal', async () => {
  const { status, body } = await api.get(`/api/plans/${number}/audit`);
  expect([status, body['result'], body['verdicts']]).toEqual([200, 'reproduced', []]);
  expect((await api.get('/api/plans/999/audit')).status).toBe(404);
  const { code, stdout } = await planwright('audit', String(number));
  expect([code, stdout]).toEqual([0, expect.stringContaining('Everything was computed again')]);
  expect((await planwright('audit', '999')).code).toBe(1);
  const json = JSON.parse((await planwright('audit', String(number), '--json')).stdout) as { kind: string };
  expect(json.kind).toBe('audit');
});

it('a plan is refused while it runs, and while its tasks are open', async () => {
  const running = await api.post(`/api/plans/${number}/archive`);
  expect([running.status, running.body['remedy']]).toEqual([409, 'Pause or cancel it first.']);
  expect((await api.get(`/api/plans/${number}/archive`)).status).toBe(409);
  await api.post(`/api/plans/${number}/pause`);
  const open = await api.post(`/api/plans/${number}/archive`);
  expect(open.status).toBe(409);
  expect(open.body['detail']).toBe(
    `2 tasks have not ended: ${number}.1 First (waiting), ${number}.2 Second (ready).`,
  );
  expect((await api.post(`/api/plans/${number}/archive`, { force: true })).status).toBe(422);
  expect((await api.post('/api/plans/999/archive')).status).toBe(404);
});

it(
  'it is archived and saved by one command, and the file verifies',
  async () => {
    const saved = await planwright(
      'archive',
      String(number),
      '--force',
      '--note',
      'enough',
      '--output',
      file,
    );
    expect([saved.code, saved.stderr]).toEqual([0, expect.stringContaining(`Plan ${number} is archived`)]);
    const { body } = await api.get(`/api/plans/${number}`);
    const { archive, status } = body as unknown as PlanView;
    expect([status, archive?.note, archive?.forced, archive?.from]).toEqual([
      'archived',
      'enough',
      true,
      'paused',
    ]);
    const verified = await planwright('verify-archive', file, '--key', archive?.keyId ?? '');
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('which you have pinned')]);
    const doctor = await planwright('doctor', '--json');
    expect(doctor.stdout).toContain(archive?.keyId);
    expect((await stat(path.join(api.home, 'signing-key.pem'))).mode & 0o777).toBe(0o600);
  },
  TIMEOUT,
);

it('the download is one file of known size, and always the same', async () => {
  const headers = { authorization: `Bearer ${api.token}` };
  const answer = await fetch(`${api.url}/api/plans/${number}/archive`, { headers });
  const body = Buffer.from(await answer.arrayBuffer());
  expect(body.equals(await readFile(file))).toBe(true);
  expect(answer.headers.get('content-type')).toBe('application/x-tar');
  expect(answer.headers.get('content-length')).toBe(String(body.length));
  expect(answer.headers.get('content-disposition')).toContain(`plan-${number}.planwright-archive`);
});

it('every change of it is refused with 409, and says why', async () => {
  const task = `/api/plan-tasks/${number}.1`;
  const [phase] = ((await api.get(`/api/plans/${number}`)).body as unknown as PlanView).phases;
  const steps = ['execute', 'pause', 'resume', 'cancel', 'archive'].map(
    (verb) => `/api/plans/${number}/${verb}`,
  );
  const hands = ['approve', 'retry', 'claim', 'release'].map((verb) => `${task}/${verb}`);
  const answers = [
    ...(await Promise.all([...steps, ...hands].map((route) => api.post(route)))),
    await api.post(`${task}/reject`, { note: 'x' }),
    await api.post(`${task}/skip`, { satisfies: true, note: 'x' }),
    await api.post(`${task}/complete`, { note: 'x' }),
    await api.post(`${task}/fail`, { note: 'x' }),
    await api.post(`${task}/assign`, { assignedTo: 'ada' }),
    await api.post(`/api/plans/${number}/signals`, { name: 'go' }),
    await api.post(`/api/phases/${phase?.id}/approve`),
    await api.post('/api/phases', { planId: String(number), name: 'More', mode: 'parallel' }),
    await api.post('/api/plan-tasks', {
      planId: String(number),
      title: 'More',
      executor: { command: 'true' },
    }),
    await api.patch(`/api/plans/${number}`, { name: 'Other' }),
    await api.patch(task, { title: 'Other' }),
    await api.patch(`/api/phases/${phase?.id}`, { name: 'Other' }),
  ];
  const shown = answers.map(({ status, body }) => `${status} ${String(body['detail'])}`);
  expect(shown.filter((line) => !/^409 .*archived/.test(line))).toEqual([]);
});

it(
  'a stranger verifies it by hand, with the commands of docs/archive.md',
  async () => {
    const docs = await readFile('docs/archive.md', 'utf8');
    const script = /```sh\n(# By hand[\s\S]*?)```/.exec(docs)?.[1] ?? '';
    const folder = path.dirname(await api.folder.next('by-hand'));
    await writeFile(path.join(folder, 'plan.planwright-archive'), await readFile(file));
    await writeFile(path.join(folder, 'by-hand.sh'), script);
    const shell = (cwd: string) =>
      run('bash', ['-eu', '-o', 'pipefail', 'by-hand.sh'], { cwd, env: { PATH: TEST_PATH, HOME: cwd } });
    const { stdout } = await shell(folder);
    expect(stdout).toContain('Signature Verified Successfully');
    expect(stdout).toContain('manifest.json: OK');
    expect(stdout).toContain('repo.bundle: OK');
    const { archive } = (await api.get(`/api/plans/${number}`)).body as unknown as PlanView;
    expect(stdout).toContain(archive?.keyId);
    const bad = await readFile(file);
    const at = bad.indexOf('"plan.started"');
    bad.writeUInt8(bad.readUInt8(at + 2) ^ 1, at + 2);
    await writeFile(path.join(folder, 'plan.planwright-archive'), bad);
    await expect(shell(folder)).rejects.toMatchObject({
      stdout: expect.stringContaining('manifest.json: FAILED'),
    });
  },
  TIMEOUT,
);

it('it can be hidden, and nothing else', async () => {
  expect((await api.delete(`/api/plans/${number}`)).status).toBe(204);
  expect((await api.get(`/api/plans/${number}`)).status).toBe(404);
});
