import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { compiled, eventually, isAlive, runScript } from '#testing/processes.js';
import type { ProcessRequest } from './process-runner.js';
import { RunnerProcess } from './runner-process.js';

const ENTRY = resolve('dist/libs/sandbox/runner-main.js');
let folder: string;
let runner: RunnerProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-process-'));
  runner = new RunnerProcess(ENTRY);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function request(command: string, rest: Partial<ProcessRequest> = {}): ProcessRequest {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };
  return { run: { command }, cwd: folder, env, timeoutMs: 20_000, outputLimitBytes: 1_000_000, ...rest };
}

function pidIn(file: string): number {
  try {
    return Number(readFileSync(join(folder, file), 'utf8'));
  } catch {
    return 0;
  }
}

test('runs side by side get each their own result', async () => {
  const codes = [0, 1, 2, 3, 4, 5, 6, 7];
  const results = await Promise.all(codes.map((code) => runner.run(request(`echo o${code}; exit ${code}`))));
  expect(results).toEqual(
    codes.map((code) => expect.objectContaining({ kind: 'exited', exitCode: code, output: `o${code}\n` })),
  );
});

test('what a run prints is told while it runs', async () => {
  let seen = '';
  const result = await runner.run(
    request('echo begun; until [ -e go ]; do sleep 0.02; done; echo end', {
      onOutput: (piece) => {
        seen += piece;
        if (seen === 'begun\n') writeFileSync(join(folder, 'go'), '');
      },
    }),
  );
  expect([result.kind, seen]).toEqual(['exited', 'begun\nend\n']);
});

test('an abort reaches what runs; before the start nothing starts', async () => {
  const controller = new AbortController();
  const running = runner.run(request('echo $$ > pid; sleep 60', { signal: controller.signal, graceMs: 200 }));
  await eventually('the start', () => pidIn('pid') > 0);
  controller.abort();
  expect(await running).toMatchObject({ kind: 'aborted' });
  expect(isAlive(pidIn('pid'))).toBe(false);
  expect(await runner.run(request('true', { signal: controller.signal }))).toMatchObject({ kind: 'aborted' });
});

test('what it starts sees nothing of our environment, nor does the runner process hold any', async () => {
  process.env['PLANWRIGHT_SECRET_FOR_TEST'] = 'hunter2';
  const result = await runner.run(request('env; cat /proc/$PPID/environ'));
  delete process.env['PLANWRIGHT_SECRET_FOR_TEST'];
  expect(result).toMatchObject({ kind: 'exited', exitCode: 0, output: expect.not.stringMatching(/hunter2/) });
});

test('when it dies its runs fail and end, and the next run has a new one', async () => {
  const running = runner.run(request('echo $PPID > runner; echo $$ > pid; sleep 60'));
  await eventually('the start', () => pidIn('runner') > 0 && pidIn('pid') > 0);
  process.kill(pidIn('runner'), 'SIGKILL');
  await expect(running).rejects.toThrow(/SIGKILL/);
  expect(isAlive(pidIn('pid'))).toBe(false);
  expect(await runner.run(request('echo again'))).toMatchObject({ kind: 'exited', output: 'again\n' });
});

test('a killed parent takes it along with all that it runs, and an idle one keeps nobody from ending', async () => {
  const source = (command: string) => `
    const { RunnerProcess } = await import(${JSON.stringify(compiled('libs/sandbox/runner-process.js'))});
    const runner = new RunnerProcess(${JSON.stringify(ENTRY)});
    const result = await runner.run(${JSON.stringify(request(command))});
    process.send(result, () => process.disconnect());`;
  const parent = runScript(source('echo $PPID > runner; echo $$ > pid; sleep 60'));
  await eventually('the start', () => pidIn('runner') > 0 && pidIn('pid') > 0);
  await parent.kill();
  await eventually('the end of both', () => !isAlive(pidIn('runner')) && !isAlive(pidIn('pid')));
  const idle = runScript(source('true'));
  expect(await idle.message).toMatchObject({ kind: 'exited', exitCode: 0 });
  await eventually('its end', () => !isAlive(idle.pid));
});
