import { execFile } from 'node:child_process';
import path from 'node:path';
import { ApiProcess } from '#testing/api-process.js';
import { TEST_PATH } from '#testing/git-repositories.js';

/** The verbs about agent profiles, as whole processes. */

let api: ApiProcess;

beforeAll(async () => {
  api = await ApiProcess.start();
});
afterAll(() => api.stop());

function agent(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const cli = path.resolve('dist/apps/cli/main.js');
  const env = { PATH: TEST_PATH, PLANWRIGHT_URL: api.url, PLANWRIGHT_TOKEN: api.token };
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, 'agent', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

it('a profile is archived and brought back by verbs of its own, and by nothing else', async () => {
  expect((await agent('add', 'sql', '--type', 'engineer')).code).toBe(0);
  const said = await agent('edit', 'sql', '--status', 'archived');
  expect([said.code, said.stderr]).toEqual([2, expect.stringContaining('active, inactive')]);
  const archived = await agent('archive', 'sql');
  expect(archived).toMatchObject({ code: 0, stderr: expect.stringContaining('is archived') as unknown });
  const changed = await agent('edit', 'sql', '--status', 'active');
  expect([changed.code, changed.stderr]).toEqual([
    1,
    expect.stringContaining('planwright agent restore sql'),
  ]);
  expect((await agent('list', '--status', 'archived')).stdout).toContain('sql');
  const restored = await agent('restore', 'sql');
  expect(restored.stderr).toContain('is inactive. Next: planwright agent edit sql --status active');
  expect((await agent('edit', 'sql', '--status', 'active')).code).toBe(0);
  expect((await agent('restore', 'sql')).stderr).toContain('is active, and not archived');
});
