import { execFile } from 'node:child_process';
import path from 'node:path';
import type { WorkItemView } from '#contracts/api/work-items.js';
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
  expect((await planwright('assign', target, '--to', '')).stderr).toContain('assignedTo: must not be empty');
  expect((await planwright('assign', target, '--to', 'Ada', '--context-json', '[]')).code).toBe(2);
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

it('a claim of a work item is not known, and is said so before it is asked for', async () => {
  const over = await planwright('handover', 'w1', '--to', 'Ada', '--note', 'x', '--token', 'mine');
  expect([over.code, over.stderr]).toEqual([2, expect.stringContaining('w1 is a work item')]);
});

it('a list is told whole, however many pages it has', async () => {
  const titles = Array.from({ length: 101 }, (_, number) => `Sweep ${number}.`);
  for (let at = 0; at < titles.length; at += 10)
    await Promise.all(
      titles.slice(at, at + 10).map((title) => api.post('/api/work-items', { repository, title })),
    );
  const { stdout } = await planwright('work-items');
  expect(titles.filter((title) => !stdout.includes(title))).toEqual([]);
});

it('a verb of work items alone knows them by their id too, and says of a task what is one', async () => {
  const item = (await planwright('add-work-item', '--title', 'Fix the door', '--json')).stdout;
  const { id } = (JSON.parse(item) as { data: WorkItemView }).data;
  expect((await planwright('work-item', id)).stdout).toContain('Fix the door');
  expect((await planwright('close-work-item', id, '--cancel')).stderr).toContain('is cancelled');
  for (const verb of ['start-work', 'close-work-item', 'work-item']) {
    const { code, stderr } = await planwright(verb, await aTask());
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/There is no work item[^]*one is named as w4/);
  }
});

it('a work item on what is no repository is refused where that was written', async () => {
  const nowhere = await api.folder.next('nowhere');
  const { status, body } = await api.post('/api/work-items', { repository: nowhere, title: 'Nothing' });
  expect([status, body['errors']]).toMatchObject([422, [{ path: 'repository' }]]);
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
