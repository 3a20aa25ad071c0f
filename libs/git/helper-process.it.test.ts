import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { compiled, eventually, isAlive, runScript } from '#testing/processes.js';
import type { GitRequest } from './git-process.js';
import { GitHelper } from './helper-process.js';

const ENTRY = resolve('dist/libs/git/helper-main.js');
const PATH = '/usr/local/bin:/usr/bin:/bin';
let folder: string;
let helper: GitHelper;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'git-helper-'));
  helper = new GitHelper(ENTRY);
});
afterEach(() => {
  helper.close();
  rmSync(folder, { recursive: true, force: true });
});

function request(args: readonly string[], stdin?: string | Buffer): GitRequest {
  return { args, cwd: folder, env: { PATH, GIT_CONFIG_NOSYSTEM: '1', HOME: folder }, stdin };
}

/** Runs a shell command as a git alias, so that the test sees into the process that starts git. */
const shell = (command: string) => request(['-c', `alias.x=!${command}`, 'x']);

async function run(of: GitRequest) {
  const pieces: Buffer[] = [];
  const end = await helper.run(of, (piece) => pieces.push(piece));
  return { code: end.code, stdout: Buffer.concat(pieces), stderr: end.stderr.toString() };
}

function pidIn(file: string): number {
  try {
    return Number(readFileSync(join(folder, file), 'utf8'));
  } catch {
    return 0;
  }
}

test('hands on exit code, both outputs and input byte for byte, however large', async () => {
  await run(request(['init', '-q', '.']));
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
  const id = (await run(request(['hash-object', '-w', '--stdin'], bytes))).stdout.toString().trim();
  const back = await run(request(['cat-file', 'blob', id]));
  expect(back.stdout.equals(bytes)).toBe(true);
  expect(await run(request(['cat-file', 'blob', 'nothing']))).toMatchObject({
    code: 128,
    stderr: expect.stringMatching(/Not a valid object name/),
  });
});

test('runs side by side get each their own result', async () => {
  const codes = [0, 1, 2, 3, 4, 5, 6, 7];
  const results = await Promise.all(codes.map((code) => run(shell(`echo o${code}; exit ${code}`))));
  expect(results.map(({ code, stdout }) => `${stdout.toString()}${code}`)).toEqual(
    codes.map((code) => `o${code}\n${code}`),
  );
});

test('a folder that is gone is said as the start of git would say it', async () => {
  const gone = { ...request(['--version']), cwd: join(folder, 'gone') };
  await expect(run(gone)).rejects.toMatchObject({ code: 'ENOENT' });
  expect((await run(request(['--version']))).code).toBe(0);
});

test('git sees nothing of our environment, nor does the helper hold any', async () => {
  process.env['PLANWRIGHT_SECRET_FOR_TEST'] = 'hunter2';
  const result = await run(shell('echo seen; cat /proc/$(cut -d" " -f4 /proc/$PPID/stat)/environ; env'));
  delete process.env['PLANWRIGHT_SECRET_FOR_TEST'];
  expect(result.stdout.toString()).toMatch(/^seen/);
  expect(result.stdout.toString()).not.toMatch(/hunter2/);
});

test('when it dies its runs fail, and the next run has a new one', async () => {
  const running = run(shell('cut -d" " -f4 /proc/$PPID/stat > helper; sleep 60'));
  await eventually('the start', () => pidIn('helper') > 0);
  const ended = expect(running).rejects.toThrow(/SIGKILL/);
  process.kill(pidIn('helper'), 'SIGKILL');
  await ended;
  expect((await run(request(['--version']))).code).toBe(0);
});

test('it ends with a killed parent, after what runs came to its end; an idle one keeps nobody from ending', async () => {
  const source = (command: string) => `
    const { GitHelper } = await import(${JSON.stringify(compiled('libs/git/helper-process.js'))});
    const helper = new GitHelper(${JSON.stringify(ENTRY)});
    const end = await helper.run(${JSON.stringify(shell(command))}, () => undefined);
    process.send(end.code, () => process.disconnect());`;
  const work =
    'cut -d" " -f4 /proc/$PPID/stat > helper; until test -e go; do sleep 0.05; done; echo 1 > done';
  const parent = runScript(source(work));
  await eventually('the start', () => pidIn('helper') > 0);
  await parent.kill();
  expect(isAlive(pidIn('helper'))).toBe(true);
  await run(shell('touch go'));
  await eventually(
    'the end of the work and of the helper',
    () => pidIn('done') === 1 && !isAlive(pidIn('helper')),
  );
  const idle = runScript(source('true'));
  expect(await idle.message).toBe(0);
  await eventually('its end', () => !isAlive(idle.pid));
});
