import { execFile } from 'node:child_process';
import path from 'node:path';
import { ApiProcess } from '#testing/api-process.js';
import { createOrigin, TEST_PATH } from '#testing/git-repositories.js';

/** `planwright analytics`: the real program against a real API. */

let api: ApiProcess;
let repository: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  repository = await createOrigin(await api.folder.next('demo'));
  const tasks = ['a', 'b'].map((key) => ({ key, title: key, executor: { external: {} } }));
  const plan = { name: 'By hand', phases: [{ name: 'One', mode: 'parallel', tasks }] };
  await api.post('/api/plans', { repository, plan });
  await api.post('/api/plans/1/execute');
  await api.post('/api/plan-tasks/1.1/claim');
  await api.post('/api/plan-tasks/1.1/complete', { note: 'in the console' });
  await api.post('/api/plan-tasks/1.2/claim');
  await api.post('/api/plan-tasks/1.2/release');
  await api.post('/api/plan-tasks/1.2/claim');
});

afterAll(() => api.stop());

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function analytics(...args: readonly string[]): Promise<Ran> {
  const cli = path.resolve('dist/apps/cli/main.js');
  const env = { PATH: TEST_PATH, PLANWRIGHT_URL: api.url, PLANWRIGHT_TOKEN: api.token };
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, 'analytics', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

it('prints a table with a head, a line for each group, all together, and why attempts failed', async () => {
  const { code, stdout } = await analytics(
    '--by',
    'executor,profile',
    '--plan',
    '1',
    '--repository',
    repository,
  );
  expect(code).toBe(0);
  const [head = '', row = '', all = '', why] = stdout.trimEnd().split('\n');
  expect(head).toMatch(/^executor +profile +attempts +tasks +done +first pass +retries /);
  expect(row).toMatch(/^external +none +3 +2 +1 +100 % \(1 of 1\) +1 .*\$0\.00 +\$0\.00$/);
  expect(all).toMatch(/^in all +3 +2 +1 /);
  expect(row.indexOf('none')).toBe(head.indexOf('profile'));
  expect(why).toBe('cancelled: 1, tried again');
});

it('is JSON where that is asked for, and says what is wrong', async () => {
  const { stdout } = await analytics('--json', '--from', '2020-01-01');
  expect(JSON.parse(stdout)).toMatchObject({
    planwright: 1,
    kind: 'analytics',
    data: { by: ['profile'], total: { attempts: 3 } },
  });
  const refused = await analytics('--by', 'colour');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('profile, executor, model, week');
  expect((await analytics('--repository', 'nowhere')).stderr).toContain('There is no repository nowhere');
});
