import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClaimedTask } from '#contracts/api/external.js';
import { ApiProcess } from '#testing/api-process.js';
import { createOrigin, git, TEST_PATH } from '#testing/git-repositories.js';
import { until } from '#testing/running-demo.js';
import { startWorkers, type TestWorkers } from '#testing/test-service.js';

/** The verbs of whoever works outside, as whole processes, each in a worktree of its own. */

const SPEC = (name: string) =>
  `spec: 1\nrules:\n  - id: renewed\n    scope: { include: [${name}.ts] }\n    forbid: { identifiers: [legacyAuth] }\n`;
const FILES = ['a', 'b', 'c'];

let api: ApiProcess;
let workers: TestWorkers;
let repository: string;
let plan: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  workers = await startWorkers(api);
  const files = Object.fromEntries(FILES.map((name) => [`${name}.ts`, 'legacyAuth();\n']));
  repository = await createOrigin(await api.folder.next('origin'), files);
  const tasks = FILES.map((name) => ({
    title: `Renew ${name}`,
    prompt: `Write ${name}.ts anew`,
    executor: { external: {} },
    writes: [`${name}.ts`],
    needs: ['typescript'],
    mayChange: ['.github/**'],
    spec: SPEC(name),
  }));
  const phases = [{ name: 'One', mode: 'parallel', tasks }];
  const { body } = await api.post('/api/plans', { repository, plan: { name: 'Outside', phases } });
  plan = String(body['number']);
  await api.post(`/api/plans/${plan}/execute`);
});
afterAll(async () => {
  await workers.stop();
  await api.stop();
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function planwright(cwd: string, ...args: readonly string[]): Promise<Ran> {
  const cli = path.resolve('dist/apps/cli/main.js');
  const env = { PATH: TEST_PATH, PLANWRIGHT_URL: api.url, PLANWRIGHT_TOKEN: api.token };
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { cwd, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** A checkout of their own, in which the file of the task is written anew. */
async function worked(name: string): Promise<string> {
  const checkout = await api.folder.next(name);
  await git(repository, 'worktree', 'add', '--quiet', '--detach', checkout, 'main');
  await writeFile(path.join(checkout, `${name}.ts`), `export const ${name} = 1;\n`);
  return checkout;
}

async function claimed(task: string): Promise<{ readonly token: string; readonly until: string }> {
  const { stdout } = await planwright(repository, 'claim', task, '--lease', '600', '--json');
  const { data } = JSON.parse(stdout) as { data: ClaimedTask };
  if (data.lease === null) throw new Error('the claim has no lease');
  return data.lease;
}

const landed = (task: string) =>
  until(`task ${task} landed`, async () => {
    const { body } = await api.get(`/api/plan-tasks/${task}`);
    return body['status'] === 'completed' && body['verified'] === true ? true : null;
  });

it('what is ready, what it takes, a claim with an end, and a working tree that is handed in under it', async () => {
  const task = `${plan}.1`;
  const able = await planwright(repository, 'ready', '--needs', 'typescript, sql', '--plan', plan);
  expect(able.stdout).toContain('Renew a');
  const unable = await planwright(repository, 'ready', '--needs', 'sql');
  expect(unable).toMatchObject({ code: 0, stdout: '' });
  const told = await planwright(repository, 'context', task);
  expect(told.stdout).toContain('Write a.ts anew');
  expect(told.stdout).toMatch(
    /Needs[^]*typescript[^]*May write[^]*a\.ts[^]*though protected[^]*\.github\/\*\*/,
  );

  const { token, until: end } = await claimed(task);
  expect((await planwright(repository, 'show', plan)).stdout).toContain(`until ${end}`);
  const foreign = await planwright(repository, 'heartbeat', `${plan}.2`, '--token', token);
  expect([foreign.code, foreign.stderr]).toEqual([
    1,
    expect.stringContaining(`No claim of task ${plan}.2 has that token`),
  ]);
  const beat = await planwright(repository, 'heartbeat', task, '--token', token);
  expect(beat).toMatchObject({ code: 0 });
  const checkout = await worked('a');
  const unnamed = await planwright(checkout, 'submit', task);
  expect(unnamed.code).not.toBe(0);
  expect(unnamed.stderr).toContain('no token is named');
  await writeFile(path.join(checkout, 'stray.ts'), 'export {};\n');
  const outside = await planwright(checkout, 'submit', task, '--token', token);
  expect(outside.code).not.toBe(0);
  expect(outside.stderr).toContain('stray.ts');
  await git(checkout, 'clean', '--quiet', '--force');
  expect(await planwright(checkout, 'submit', task, '--token', token)).toMatchObject({ code: 0 });
  await landed(task);
  const late = await planwright(repository, 'heartbeat', task, '--token', token);
  expect(late.stderr).toContain('It is over');
});

it('a patch from a file is handed in', async () => {
  const task = `${plan}.2`;
  const { token } = await claimed(task);
  const patch = await api.folder.next('b.patch');
  await writeFile(patch, `${await git(await worked('b'), 'diff')}\n`);
  expect(await planwright(repository, 'submit', task, '--patch', patch, '--token', token)).toMatchObject({
    code: 0,
  });
  await landed(task);
});

it('verify-task hands in what passed under the claim that is named', async () => {
  const task = `${plan}.3`;
  const { token } = await claimed(task);
  const checkout = await worked('c');
  const green = await planwright(checkout, 'verify-task', task, '--token', token);
  expect(green).toMatchObject({ code: 0 });
  expect(green.stderr).toContain(`Task ${task}: completed`);
});

it('a task of a patch is written down from its file', async () => {
  const patch = await api.folder.next('known.patch');
  const diff = '--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n-legacyAuth();\n+newAuth();\n';
  await writeFile(patch, diff);
  const { stdout } = await planwright(repository, 'init', '--name', 'Known work', '--repo', repository);
  const added = await planwright(
    repository,
    'add-task',
    stdout.trim(),
    '--title',
    'Apply it',
    '--patch',
    patch,
  );
  expect(added).toMatchObject({ code: 0 });
  const { body } = await api.get(`/api/plan-tasks/${stdout.trim()}.1`);
  expect(body).toMatchObject({ executor: { patch: diff }, effect: 'change' });
});
