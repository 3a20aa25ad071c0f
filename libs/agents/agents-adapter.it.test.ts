import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttemptInput } from '#engine/ports/agent.port.js';
import { nothingLeftBehind, testSandbox } from '#testing/sandbox.js';
import type { SandboxOptions } from '#sandbox/sandbox.js';
import { createAgents } from './agents-adapter.js';

const INPUT: AttemptInput = {
  plan: { number: 12, name: 'Tokens' },
  task: { number: 3, title: 'Use tokens', prompt: 'Replace "legacyAuth"; $(touch pwned)' },
  spec: null,
  attempt: 2,
  note: 'be brief',
  violations: [{ rule: 'no-legacy', severity: 'high', message: 'must not occur', file: 'a.ts', line: 7 }],
  rejectedDiff: '--- a\n+++ b\n',
};

let root: string;
let cwd: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'agents-'));
  cwd = mkdtempSync(join(tmpdir(), 'workspace-'));
});
afterEach(() => [root, cwd].forEach((path) => rmSync(path, { recursive: true, force: true })));

async function run(
  command: string,
  rest: {
    timeoutSeconds?: number;
    signal?: AbortSignal;
    cwd?: string | null;
    env?: Record<string, string>;
    writtenBy?: 'person' | 'model';
  } = {},
  options: Partial<SandboxOptions> = { mode: 'off' },
) {
  const sandbox = await testSandbox({ tempRoot: root, ...options });
  const agents = createAgents({ command: { sandbox, outputLimitBytes: 1_000_000 } });
  return agents.run({
    executor: { kind: 'command', command, timeoutSeconds: rest.timeoutSeconds ?? 20 },
    writtenBy: rest.writtenBy ?? 'person',
    input: INPUT,
    cwd: rest.cwd === undefined ? cwd : rest.cwd,
    env: rest.env ?? {},
    signal: rest.signal ?? new AbortController().signal,
  });
}

test.each(['off', 'required'] as const)(
  'works in the workspace, its input lies outside: %s',
  async (mode) => {
    const command =
      'cat "$PLANWRIGHT_INPUT" > seen.json; echo "$PLANWRIGHT_TASK/$PLANWRIGHT_ATTEMPT"; dirname "$PLANWRIGHT_INPUT"';
    const result = await run(command, {}, { mode });
    expect(result).toEqual({
      kind: 'done',
      output: expect.stringMatching(/^12\.3\/2\n/m),
      result: null,
      sandbox: mode === 'off' ? 'off' : 'bubblewrap',
    });
    expect(JSON.parse(readFileSync(join(cwd, 'seen.json'), 'utf8'))).toEqual(INPUT);
    expect(readdirSync(cwd)).toEqual(['seen.json']);
    expect(result.output).toContain(mode === 'off' ? root : '/run/planwright');
    await nothingLeftBehind(root);
  },
);

test('an attempt that nothing held says so in its output', async () => {
  expect(await run('echo done')).toMatchObject({
    output: expect.stringMatching(/^Ran without a sandbox\. .*PLANWRIGHT_SANDBOX=off.*\ndone\n$/s),
    sandbox: 'off',
  });
});

test.each([
  ['a person wrote it, and it is alone', { cwd: null }, 'off'],
  ['it has a checkout', {}, 'bubblewrap'],
  ['a model wrote it', { cwd: null, writtenBy: 'model' }, 'bubblewrap'],
] as const)(
  'where Planwright chooses, a command is isolated unless nobody else had a hand in it: %s',
  async (_, rest, sandbox) => {
    const result = await run('echo "$HOME:$DATABASE_URL"; pwd', rest, { mode: 'auto' });
    expect(result).toMatchObject({ kind: 'done', sandbox, output: expect.stringMatching(/^\/.+:\n\//) });
  },
);

test('where a person insists, a command that is alone is isolated as well', async () => {
  expect(await run('true', { cwd: null }, { mode: 'required' })).toMatchObject({ sandbox: 'bubblewrap' });
});

test('what a model wrote is refused where nothing isolates it', async () => {
  const result = await run('touch there', { writtenBy: 'model' });
  expect(result).toMatchObject({
    kind: 'failed',
    failure: 'infrastructure',
    message: /runs in a sandbox only/,
  });
  expect(readdirSync(cwd)).toEqual([]);
});

test('a limit is named with its figures', async () => {
  const limits = { diskBytes: 2_000_000 };
  const result = await run('head -c 9000000 /dev/zero > big; sleep 20', {}, { mode: 'required', limits });
  expect(result).toMatchObject({ failure: 'limit_exceeded', message: expect.stringMatching(/1\.9 MiB/) });
});

test('knows what its workspace was given, which hides nothing of ours', async () => {
  const env = { PORT: '42020', PLANWRIGHT_TASK: 'planted' };
  const result = await run('echo "$PORT $PLANWRIGHT_TASK"', { env });
  expect(result.output.split('\n')).toContain('42020 12.3');
});

test.each([
  ['a failing exit code', 'echo why; exit 2', 'agent_failed', /exit code 2/],
  ['a signal', 'echo why; kill -9 $$', 'agent_failed', /SIGKILL/],
  ['a flood', 'yes', 'limit_exceeded', /output limit/],
])('%s', async (_name, command, failure, message) => {
  const result = await run(command);
  expect(result).toMatchObject({ kind: 'failed', failure, message: expect.stringMatching(message) });
  expect(result.output).not.toBe('');
});

test('a timeout is a limit', async () => {
  expect(await run('echo begun; sleep 30', { timeoutSeconds: 0.3 })).toMatchObject({
    failure: 'limit_exceeded',
    output: expect.stringMatching(/begun\n$/),
  });
});

test('an abort is a cancellation', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 200);
  expect(await run('sleep 30', { signal: controller.signal })).toMatchObject({ failure: 'cancelled' });
});

test('what never started is no fault of the agent', async () => {
  expect(await run('true', { cwd: '/no/such/folder' })).toMatchObject({ failure: 'infrastructure' });
  expect(await run('true', {}, { mode: 'off', tempRoot: '/dev/null/x' })).toMatchObject({
    failure: 'infrastructure',
  });
  expect(await run('true', { cwd: '/no/such/folder' }, { mode: 'required' })).toMatchObject({
    failure: 'infrastructure',
    message: expect.stringMatching(/bwrap/),
  });
});

test('without a workspace it works in an empty folder that is thrown away', async () => {
  const command =
    'pwd; ls -A | wc -l | tr -d " "; echo x > made; echo "$PLANWRIGHT_PLAN $PLANWRIGHT_PLAN_NAME"';
  const result = await run(command, { cwd: null });
  const [, folder = '', files, facts] = result.output.split('\n');
  expect([files, facts]).toEqual(['0', '12 Tokens']);
  expect(folder.startsWith(root)).toBe(true);
  await nothingLeftBehind(root);
  expect(readdirSync(cwd)).toEqual([]);
});

describe('what it leaves in PLANWRIGHT_RESULT', () => {
  const leaving = (report: string, then = 'true') =>
    run(`cat > "$PLANWRIGHT_RESULT" <<'JSON'\n${report}\nJSON\n${then}`);

  test('is its result', async () => {
    expect(await leaving('{"outcome": "done", "data": {"tests": 12}}')).toMatchObject({
      kind: 'done',
      result: { tests: 12 },
    });
  });

  test('that it is done, but its exit code says otherwise: it failed', async () => {
    expect(await leaving('{"outcome": "done", "data": [1]}', 'exit 3')).toMatchObject({
      failure: 'agent_failed',
      message: 'the command failed: exit code 3',
      result: [1],
    });
  });

  test.each([
    [
      '{"outcome": "needs_replan", "message": "no such module", "data": 1}',
      'needs_replan',
      'no such module',
      1,
    ],
    ['{"outcome": "failed"}', 'agent_failed', 'the command says that it failed', null],
    ['{"outcome": "quota"}', 'quota', 'the command says that a quota is used up', null],
  ])('%s', async (report, failure, message, result) => {
    for (const then of ['true', 'exit 1']) {
      expect(await leaving(report, then)).toMatchObject({
        kind: 'failed',
        failure,
        message,
        result,
        retryAt: null,
      });
    }
  });

  test('a quota with the time at which it is back', async () => {
    expect(await leaving('{"outcome": "quota", "resetAt": "2026-12-01T08:00:00+01:00"}')).toMatchObject({
      failure: 'quota',
      retryAt: new Date('2026-12-01T07:00:00Z'),
    });
  });

  test.each([
    ['no JSON', 'echo "{" > "$PLANWRIGHT_RESULT"', /no JSON/],
    ['another shape', 'echo \'{"outcome": "great"}\' > "$PLANWRIGHT_RESULT"', /outcome/],
    ['an unknown key', 'echo \'{"outcome": "done", "dta": 1}\' > "$PLANWRIGHT_RESULT"', /unknown key "dta"/],
    ['too much', 'head -c 70000 /dev/zero > "$PLANWRIGHT_RESULT"', /larger than 64 KB/],
    ['a link', 'ln -s /etc/passwd "$PLANWRIGHT_RESULT"', /it is a link/],
    ['a pipe', 'mkfifo "$PLANWRIGHT_RESULT"', /no regular file/],
    ['NUL', 'echo \'{"outcome": "done", "data": "\\u0000"}\' > "$PLANWRIGHT_RESULT"', /Unicode/],
  ])('%s is a fault of the command, with the reason', async (_name, command, message) => {
    expect(await run(command)).toMatchObject({
      kind: 'failed',
      failure: 'agent_failed',
      message: expect.stringMatching(message),
    });
  });
});
