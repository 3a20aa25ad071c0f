import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_LIMITS } from './limits.js';
import { runProcess, type ProcessRequest } from './process-runner.js';
import { scrubbedEnvironment } from './scrubbed-environment.js';

const PATH = '/usr/local/bin:/usr/bin:/bin';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, rest: Partial<ProcessRequest> = {}) {
  return runProcess({
    run: { command },
    cwd: folder,
    env: scrubbedEnvironment({ path: PATH, home: folder, tmp: folder }),
    timeoutMs: 20_000,
    outputLimitBytes: 1_000_000,
    graceMs: 200,
    ...rest,
  });
}

/** Whether the process whose id a script wrote down still runs; a zombie does not. */
function lives(file: string): boolean {
  const pid = readFileSync(join(folder, file), 'utf8').trim();
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('reports exit code, both streams and duration', async () => {
  const result = await run('echo out; echo err >&2; exit 3');
  expect(result).toMatchObject({ kind: 'exited', exitCode: 3, signal: null, durationMs: expect.any(Number) });
  expect(result).toMatchObject({ output: expect.stringMatching(/out\n/) });
});

test('hands on what it prints while it runs, in pieces that no flood makes longer', async () => {
  let seen = '';
  const pieces: number[] = [];
  await run(
    'echo begun; until [ -e go ]; do sleep 0.02; done; head -c 700000 /dev/zero | tr "\\0" "x"; echo; echo end',
    {
      onOutput: (piece) => {
        seen += piece;
        pieces.push(piece.length);
        if (seen === 'begun\n') writeFileSync(join(folder, 'go'), '');
      },
    },
  );
  expect(seen).toBe('begun\n[some output is left out here]\nend\n');
  expect(Math.max(...pieces)).toBeLessThan(70_000);
});

test('a character that comes in two pieces is one', async () => {
  let seen = '';
  await run("printf '\\303'; sleep 0.3; printf '\\244\\n'", { onOutput: (piece) => (seen += piece) });
  expect(seen).toBe('ä\n');
});

test('keeps standard output by itself where it is asked to, whole or not at all', async () => {
  expect(await run('echo out; echo err >&2')).not.toHaveProperty('stdout');
  expect(await run('echo out; echo err >&2', { stdoutBytes: 4 })).toMatchObject({ stdout: 'out\n' });
  expect(await run('echo long', { stdoutBytes: 4 })).toMatchObject({ stdout: null });
});

test('runs a program without a shell, with its arguments as they are', async () => {
  const result = await run('', { run: { argv: ['/usr/bin/printf', '%s', '$(id); *'] } });
  expect(result).toMatchObject({ kind: 'exited', exitCode: 0, output: '$(id); *' });
});

test('hands stdin over, and survives a process that does not read it', async () => {
  expect(await run('cat', { stdin: 'given' })).toMatchObject({ output: 'given' });
  expect(await run('true', { stdin: 'x'.repeat(5_000_000) })).toMatchObject({ kind: 'exited', exitCode: 0 });
});

test('inherits nothing from this process', async () => {
  process.env['PLANWRIGHT_SECRET_FOR_TEST'] = 'hunter2';
  const result = await run('env');
  delete process.env['PLANWRIGHT_SECRET_FOR_TEST'];
  const names = result.kind === 'exited' ? result.output.split('\n').map((line) => line.split('=')[0]) : [];
  // PWD, SHLVL, _ and OLDPWD are the shell's own.
  const own = ['PWD', 'SHLVL', '_', 'OLDPWD', ''];
  const expected = [
    'CI',
    'GIT_TERMINAL_PROMPT',
    'HOME',
    'LANG',
    'NO_COLOR',
    'PATH',
    'PLANWRIGHT_RUN',
    'TERM',
    'TMPDIR',
  ];
  expect(names.filter((name) => !own.includes(name ?? '')).sort()).toEqual(expected);
});

test('extra variables are given on purpose and win', () => {
  const env = scrubbedEnvironment({ path: 'p', home: 'h', tmp: 't', extra: { KEY: 'k', CI: '0' } });
  expect(env).toMatchObject({ PATH: 'p', HOME: 'h', TMPDIR: 't', KEY: 'k', CI: '0' });
});

test('a timeout kills the whole group, also what ignores SIGTERM', async () => {
  const result = await run(
    `trap '' TERM; (trap '' TERM; sleep 60) & echo $! > child; echo $$ > parent; while :; do sleep 60; done`,
    { timeoutMs: 300 },
  );
  expect(result).toMatchObject({ kind: 'timed_out' });
  expect([lives('parent'), lives('child')]).toEqual([false, false]);
});

test('SIGTERM comes first, so that a process can clean up', async () => {
  const result = await run(`trap 'echo cleaned; exit 0' TERM; while :; do sleep 0.05; done`, {
    timeoutMs: 300,
    graceMs: 5_000,
  });
  expect(result).toMatchObject({ kind: 'timed_out', output: expect.stringMatching(/cleaned/) });
});

test('a child in the background does not outlive a process that ended well, nor hold the call', async () => {
  const started = performance.now();
  const result = await run('sleep 60 & echo $! > child; echo done');
  expect(result).toMatchObject({ kind: 'exited', exitCode: 0, output: 'done\n' });
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(lives('child')).toBe(false);
});

test('neither does one that left the group with setsid', async () => {
  const result = await run(
    'setsid sh -c "echo \\$\\$ > child; sleep 60" & while [ ! -s child ]; do sleep 0.02; done',
  );
  expect(result).toMatchObject({ kind: 'exited', exitCode: 0 });
  await sleep(100);
  expect(lives('child')).toBe(false);
});

test('neither does one that wiped its environment but stayed in the group', async () => {
  await run('env -i sleep 60 & echo $! > child; sleep 0.2');
  expect(lives('child')).toBe(false);
});

test('a flood of output ends the run, and only its tail is kept', async () => {
  const result = await run('yes flooding', { outputLimitBytes: 2_000_000, tailBytes: 1_000 });
  expect(result).toMatchObject({ kind: 'output_limit' });
  expect(result.kind === 'output_limit' && result.output.length).toBeLessThanOrEqual(1_000);
});

test('the tail is the end of the output, cut at a character', async () => {
  const result = await run(`i=0; while [ $i -lt 300 ]; do printf 'äö'; i=$((i+1)); done; printf END`, {
    tailBytes: 10,
  });
  expect(result).toMatchObject({ kind: 'exited', output: 'öäöEND' });
});

test('an abort kills, before the start as well as during the run', async () => {
  const controller = new AbortController();
  const running = run('echo $$ > parent; sleep 60', { signal: controller.signal });
  await sleep(300);
  controller.abort();
  expect(await running).toMatchObject({ kind: 'aborted' });
  expect(lives('parent')).toBe(false);
  expect(await run('echo x > never', { signal: controller.signal })).toMatchObject({ kind: 'aborted' });
  expect(() => readFileSync(join(folder, 'never'))).toThrow();
});

test('a process that kills itself is reported by its signal', async () => {
  expect(await run('kill -9 $$')).toMatchObject({ kind: 'exited', exitCode: null, signal: 'SIGKILL' });
});

test('limits are kept without isolation too: processes, memory, disk, processor', async () => {
  const few = { ...DEFAULT_LIMITS, processes: 20 };
  const many = 'i=0; while [ $i -lt 60 ]; do sleep 30 & i=$((i+1)); done; echo $! > child; wait';
  expect(await run(many, { limits: few })).toMatchObject({
    kind: 'limit_exceeded',
    limit: { name: 'processes', limit: 20 },
  });
  expect(lives('child')).toBe(false);
  const small = { ...DEFAULT_LIMITS, diskBytes: 40_000_000 };
  const fill = 'i=0; while :; do head -c 5000000 /dev/zero > f$i; i=$((i+1)); done';
  expect(await run(fill, { limits: small })).toMatchObject({ limit: { name: 'disk', limit: 40_000_000 } });
  expect(await run('while :; do :; done', { limits: { ...DEFAULT_LIMITS, cpuSeconds: 0.5 } })).toMatchObject({
    limit: { name: 'cpu', limit: 0.5 },
  });
});

test('a file above the limit on disk is a limit, also when it ends by itself', async () => {
  const limits = { ...DEFAULT_LIMITS, diskBytes: 1_000_000 };
  expect(await run('head -c 5000000 /dev/zero > big', { limits })).toMatchObject({ limit: { name: 'disk' } });
});

test.each([
  ['a missing program', { run: { argv: ['/no/such/program'] as [string] } }],
  ['a missing folder', { cwd: '/no/such/folder' }],
  ['an impossible argument', { run: { argv: ['/bin/echo', 'a\0b'] as [string, string] } }],
])('%s cannot start', async (_name, rest) => {
  expect(await run('true', rest)).toMatchObject({ kind: 'not_started', reason: expect.stringMatching(/./) });
});

test('a process that stopped itself is woken to clean up, and killed in time', async () => {
  const started = performance.now();
  const command = `trap 'echo cleaned; exit' TERM; kill -STOP $$; sleep 60`;
  expect(await run(command, { timeoutMs: 300, graceMs: 3_000 })).toMatchObject({
    kind: 'timed_out',
    output: 'cleaned\n',
  });
  expect(performance.now() - started).toBeLessThan(3_000);
});
