import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TaskDetail } from '#contracts/api/plan-tasks.js';
import type { PlanEventView, PlanView } from '#contracts/api/plans.js';
import { ApiProcess } from '#testing/api-process.js';
import { createOrigin, git, TEST_PATH } from '#testing/git-repositories.js';
import { until } from '#testing/running-demo.js';
import { startWorkers, type TestWorkers } from '#testing/test-service.js';

/** A person at their checkout, against the real API, verifier and lane. */

const FILES = {
  'src/users.ts': 'import { legacyAuth } from "./auth";\n\nlegacyAuth();\n',
  'src/auth.ts': 'export const other = 1;\n',
};
const DONE = 'export const users = [];\n';
const SPEC = `spec: 1
rules:
  - id: no-legacy
    scope: { include: ["src/**"] }
    forbid: { identifiers: [legacyAuth] }
`;
/** What the base has already. */
const PROVES_NOTHING = SPEC.replace('legacyAuth', 'neverThere').replace('src/**', 'src/users.ts');
const AUDITOR = `refactor_name: nothing_to_do
description: Nothing of it is there
rules:
  - id: never
    description: Never there
    severity: high
    match: { identifiers: [neverThere] }
    expect: { identifiers: [other] }
compat: auditor
`;

let api: ApiProcess;
let workers: TestWorkers;
let repository: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  workers = await startWorkers(api);
});
afterAll(async () => {
  await workers.stop();
  await api.stop();
});
beforeEach(async () => {
  repository = await createOrigin(await api.folder.next('origin'), FILES);
});

function planwright(...args: readonly string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      [path.resolve('dist/apps/cli/main.js'), ...args],
      {
        cwd: repository,
        env: { PATH: TEST_PATH, PLANWRIGHT_URL: api.url, PLANWRIGHT_TOKEN: api.token },
      },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** A plan with one task; it runs unless it is told not to. @returns the number of the plan */
async function aPlan(task: object, started = true): Promise<string> {
  const tasks = [{ title: 'Away with it', executor: { external: {} }, spec: SPEC, ...task }];
  const plan = { name: 'By hand', phases: [{ name: 'One', mode: 'parallel', tasks }] };
  const { body, status } = await api.post('/api/plans', { repository, plan });
  expect({ status, body }).toMatchObject({ status: 201 });
  const { id, number } = body as unknown as PlanView;
  if (started) await api.post(`/api/plans/${id}/execute`);
  return String(number);
}

const task = async (name: string) => (await api.get(`/api/plan-tasks/${name}`)).body as unknown as TaskDetail;

async function events(plan: string): Promise<string[]> {
  const { eventSeq } = (await api.get(`/api/plans/${plan}`)).body as unknown as PlanView;
  const found = await api.stream(`/api/plans/${plan}/events`, eventSeq);
  return found.map(({ data }) => (JSON.parse(data) as PlanEventView).type);
}

/** Everything of a checkout that is the person's own. */
const ownState = () =>
  Promise.all(
    [
      ['status', '--porcelain'],
      ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags', 'refs/stash'],
      ['rev-parse', 'HEAD'],
      ['ls-files', '--stage'],
    ].map((args) => git(repository, ...args)),
  );

it('red, edit, green: a pass completes the task that waits for somebody, and not before', async () => {
  const plan = await aPlan({});
  const name = `${plan}.1`;
  const red = await planwright('verify-task', name, '--verbose');
  expect(red).toMatchObject({ code: 1 });
  expect(red.stdout).toContain('FAIL');
  expect(red.stdout).toContain('src/users.ts:1');
  expect(red.stdout).toContain('rule no-legacy: red, red before it');
  expect(await task(name)).toMatchObject({ status: 'ready', attempts: [] });

  await writeFile(path.join(repository, 'src/users.ts'), DONE);
  await writeFile(path.join(repository, 'src/new.ts'), 'export const fresh = 1;\n');
  const before = await ownState();
  const dry = await planwright('verify-task', name, '--dry-run');
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  expect(await task(name)).toMatchObject({ status: 'ready', attempts: [] });
  const green = await planwright('verify-task', name);
  expect(green).toMatchObject({ code: 0 });
  expect(green.stdout).toContain('PASS');
  expect(green.stderr).toContain(`Task ${name}: completed`);
  // The plan branch is published to this repository by and by: it is no ref of the person's.
  expect((await ownState()).slice(2)).toEqual(before.slice(2));
  expect((await ownState())[0]).toBe(before[0]);

  const { commit, ...done } = await task(name);
  expect(done).toMatchObject({ status: 'completed', verified: true, claimedBy: null });
  expect(await git(path.join(api.home, 'hubs', await hubOf(plan)), 'show', `${commit}:src/new.ts`)).toContain(
    'fresh',
  );

  expect(await planwright('archive', plan)).toMatchObject({ code: 0 });
  const still = await planwright('verify-task', name);
  expect(still).toMatchObject({ code: 0 });
  expect(still.stdout).toContain('SATISFIED');
});

async function hubOf(plan: string): Promise<string> {
  const { repository: own } = (await api.get(`/api/plans/${plan}`)).body as unknown as PlanView;
  return `${own.id}.git`;
}

it('changes nothing of a plan that has not begun, or of a task that is nobody’s to hand in', async () => {
  const plan = await aPlan({ executor: { command: 'true' } }, false);
  await until('the look at the base', async () => (await task(`${plan}.1`)).specOnBase);
  const before = (await api.get(`/api/plans/${plan}`)).text;
  await writeFile(path.join(repository, 'src/users.ts'), DONE);
  const judged = await planwright('verify-task', `${plan}.1`, '--json');
  expect(judged).toMatchObject({ code: 0 });
  expect(JSON.parse(judged.stdout)).toMatchObject({
    kind: 'judgement',
    data: { status: 'done', completes: false, unverified: false, verdict: { outcome: 'pass' } },
  });
  expect((await api.get(`/api/plans/${plan}`)).text).toBe(before);
});

it('judges a ref, and says what it cannot read', async () => {
  const plan = await aPlan({ executor: { command: 'true' } }, false);
  await git(repository, 'checkout', '-q', '-b', 'mine');
  await writeFile(path.join(repository, 'src/users.ts'), DONE);
  await git(repository, 'commit', '-qam', 'Away');
  await git(repository, 'checkout', '-q', '-');
  expect(await planwright('verify-task', `${plan}.1`, '--ref', 'mine')).toMatchObject({ code: 0 });
  expect(await planwright('verify-task', `${plan}.1`, '--ref', 'theirs')).toMatchObject({
    code: 1,
    stdout: '',
  });
  expect(await planwright('verify-task', `${plan}.1`, '--checkpoint', 'none')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--kind checkpoint') as unknown,
  });
  expect(await planwright('verify-task', `${plan}.1`, '--ref', 'a', '--again')).toMatchObject({ code: 2 });
});

it.each([['--dry-run'], ['--token', 'mine']])('--again does not stand beside %s', async (...beside) => {
  const { code, stdout, stderr } = await planwright('verify-task', '1.1', '--again', ...beside);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(`${beside[0]} says nothing of that`);
  expect(stderr).toContain('planwright verify-task --help');
});

it('hands in what the caller claimed', async () => {
  const plan = await aPlan({});
  expect(await planwright('claim', `${plan}.1`)).toMatchObject({ code: 0 });
  await writeFile(path.join(repository, 'src/users.ts'), 'legacyAuth();\n');
  expect(await planwright('verify-task', `${plan}.1`)).toMatchObject({ code: 1 });
  expect(await task(`${plan}.1`)).toMatchObject({ status: 'claimed' });
  await writeFile(path.join(repository, 'src/users.ts'), DONE);
  expect(await planwright('verify-task', `${plan}.1`)).toMatchObject({ code: 0 });
  const done = await task(`${plan}.1`);
  expect(done).toMatchObject({ status: 'completed', attempts: [{ number: 1, status: 'passed' }] });
});

it('shows as unverified what the older format lets pass with nothing turned', async () => {
  const plan = await aPlan({ spec: AUDITOR });
  await writeFile(path.join(repository, 'src/new.ts'), 'export const fresh = 1;\n');
  const passed = await planwright('verify-task', `${plan}.1`);
  expect(passed).toMatchObject({ code: 0 });
  expect(passed.stdout).toContain('PASS, UNVERIFIED');
  expect(await task(`${plan}.1`)).toMatchObject({ status: 'completed', verified: false });
  expect((await planwright('explain', `${plan}.1`)).stdout).toMatch(/unverified[^]*PASS, UNVERIFIED/);
});

it('judges a checkpoint, also one from before the work', async () => {
  const plan = await aPlan({});
  expect(await planwright('checkpoint', 'before', '--plan', plan)).toMatchObject({ code: 0 });
  await writeFile(path.join(repository, 'src/users.ts'), DONE);
  expect(await planwright('verify-task', `${plan}.1`)).toMatchObject({ code: 0 });
  expect(await planwright('checkpoint', 'after', '--plan', plan)).toMatchObject({ code: 0 });
  expect(await planwright('verify-task', `${plan}.1`, '--checkpoint', 'before')).toMatchObject({ code: 1 });
  expect(await planwright('verify-task', `${plan}.1`, '--checkpoint', 'after')).toMatchObject({ code: 0 });
});

it('reports as SARIF, to a file', async () => {
  const plan = await aPlan({});
  const file = await api.folder.next('report.sarif');
  const red = await planwright('verify-task', `${plan}.1`, '--format', 'sarif', '--output', file);
  expect(red).toMatchObject({ code: 1, stdout: '' });
  const report = JSON.parse(await readFile(file, 'utf8')) as { runs: { results: unknown[] }[] };
  expect(report).toMatchObject({ version: '2.1.0', runs: [{ tool: { driver: { name: 'Planwright' } } }] });
  expect(report.runs[0]?.results[0]).toMatchObject({
    ruleId: 'no-legacy',
    locations: [
      { physicalLocation: { artifactLocation: { uri: 'src/users.ts' }, region: { startLine: 1 } } },
    ],
  });
});

it('an inconclusive verdict is code 5: nothing was red before', async () => {
  const plan = await aPlan({ spec: PROVES_NOTHING });
  await writeFile(path.join(repository, 'src/users.ts'), DONE);
  expect(await planwright('verify-task', `${plan}.1`)).toMatchObject({ code: 5 });
});

describe('a candidate that a verdict turned down', () => {
  it('is verified again by an edited spec: no attempt is spent', async () => {
    const plan = await aPlan({});
    const name = `${plan}.1`;
    await writeFile(path.join(repository, 'src/users.ts'), 'legacyAuth();\n');
    await writeFile(path.join(repository, 'src/token.ts'), 'export const verifyToken = 1;\n');
    expect(await planwright('submit', name)).toMatchObject({ code: 0 });
    await until('the verdict', async () => ((await task(name)).status === 'ready' ? true : null));

    const explained = await planwright('explain', name);
    expect(explained.stdout).toContain('Attempt 1 ended with verification failed');
    expect(explained.stdout).toContain('src/users.ts:1');
    const answer = await api.get(`/api/plan-tasks/${name}/verdict?format=sarif`);
    expect(answer).toMatchObject({ status: 200, type: 'application/sarif+json; charset=utf-8' });
    expect(JSON.parse(answer.text)).toMatchObject({ version: '2.1.0' });

    const spec = await api.folder.next('edited.spec.yaml');
    await writeFile(spec, 'spec: 1\nrules:\n  - { id: token, require: { identifiers: [verifyToken] } }\n');
    expect(await planwright('update-task', name, '--spec', spec)).toMatchObject({ code: 0 });
    const again = await planwright('verify-task', name, '--again', '--verbose');
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('rule token: green, turned');
    const done = await task(name);
    expect(done).toMatchObject({ status: 'completed', verified: true });
    expect(done.attempts).toMatchObject([{ number: 1, status: 'passed', failure: null }]);
    expect(await events(plan)).toContain('attempt.reopened');
  });

  it('is needed for it', async () => {
    const plan = await aPlan({});
    const refused = await planwright('verify-task', `${plan}.1`, '--again');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('has no candidate that a verdict turned down');
  });
});

describe('a spec that is green on the base', () => {
  it('is flagged soon after its plan was created, once, and shown', async () => {
    const plan = await aPlan({ spec: PROVES_NOTHING }, false);
    await until('the flag', async () => (await task(`${plan}.1`)).specOnBase);
    expect(await task(`${plan}.1`)).toMatchObject({ specOnBase: 'green' });
    expect((await events(plan)).filter((type) => type === 'spec.green_on_base')).toHaveLength(1);
    expect((await planwright('show', plan)).stdout).toContain('it proves nothing');
    expect((await planwright('explain', `${plan}.1`)).stdout).toContain('it would prove nothing');
  });

  it('is noted where a task is added', async () => {
    const plan = await aPlan({}, false);
    const spec = await api.folder.next('nothing.spec.yaml');
    await writeFile(spec, PROVES_NOTHING);
    const added = await planwright('add-task', plan, '--title', 'More', '--external', '--spec', spec);
    expect(added.stderr).toContain('it would prove nothing');
    expect(await task(`${plan}.1`)).toMatchObject({ specOnBase: 'red' });
  });
});
