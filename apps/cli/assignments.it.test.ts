import { execFile } from 'node:child_process';
import path from 'node:path';
import { ApiProcess } from '#testing/api-process.js';
import { createOrigin, TEST_PATH } from '#testing/git-repositories.js';

/** The verbs about whose work is, as whole processes. */

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let api: ApiProcess;
let repository: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  repository = await createOrigin(await api.folder.next('origin'));
});
afterAll(() => api.stop());

function planwright(...args: readonly string[]): Promise<Ran> {
  const cli = path.resolve('dist/apps/cli/main.js');
  const env = { PATH: TEST_PATH, PLANWRIGHT_URL: api.url, PLANWRIGHT_TOKEN: api.token };
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { cwd: repository, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

async function aTask(): Promise<string> {
  const task = { title: 'Do it', executor: { external: {} }, effect: 'none' };
  const phases = [{ name: 'One', mode: 'parallel', tasks: [task] }];
  const { body } = await api.post('/api/plans', { repository, plan: { name: 'Whose', phases } });
  await api.post(`/api/plans/${String(body['number'])}/execute`);
  return `${String(body['number'])}.1`;
}

it.each(['task', 'work item'])('a %s goes from one to the next', async (kind) => {
  const target =
    kind === 'task'
      ? await aTask()
      : (await planwright('add-work-item', '--title', 'Answer the mail')).stdout.trim();
  expect(target).toMatch(/^(\d+\.1|w\d+)$/);
  expect((await planwright('assign', target)).code).toBe(2);
  const given = await planwright('assign', target, '--to', 'Ada', '--context-json', '{"at": 1}');
  expect(given).toMatchObject({ code: 0, stderr: expect.stringContaining('is Ada’s now') as unknown });
  expect((await planwright('pause-work', target)).code).toBe(0);
  expect((await planwright('assignments', target)).stdout).toMatch(/Ada +paused/);
  expect((await planwright('resume-work', target)).code).toBe(0);
  const over = await planwright('handover', target, '--to', 'bot', '--agent', '--note', 'half is there');
  expect(over.code).toBe(0);
  const shown = (await planwright('assignments', target)).stdout;
  expect(shown).toMatch(/Ada +cancelled/);
  expect(shown).toMatch(/bot +assigned .*half is there/);
  expect((await planwright('assignments', '--to', 'bot', '--json')).stdout).toContain('"at": 1');
  expect((await planwright('assign', target, '--nobody')).code).toBe(0);
  expect((await planwright('handover', target, '--to', 'Ada', '--note', 'x')).stderr).toContain(
    `planwright assign ${target} --to NAME`,
  );
});

it('a work item is begun, shown and closed', async () => {
  const item = (
    await planwright('add-work-item', '--title', 'Paint', '--description', 'in blue')
  ).stdout.trim();
  await planwright('assign', item, '--to', 'Ada');
  expect((await planwright('start-work', item)).code).toBe(0);
  expect((await planwright('work-items', '--status', 'open')).stdout).toMatch(
    new RegExp(`${item} +Paint +open +Ada`),
  );
  expect((await planwright('work-item', item)).stdout).toContain('in blue');
  expect((await planwright('close-work-item', item)).stderr).toContain(`${item} is done`);
  expect((await planwright('assignments', item)).stdout).toMatch(/Ada +completed/);
});
