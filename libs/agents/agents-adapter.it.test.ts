import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttemptInput } from '#engine/ports/agent.port.js';
import { createAgents } from './agents-adapter.js';

const INPUT: AttemptInput = {
  plan: { number: 12, name: 'Tokens' },
  task: { number: 3, title: 'Use tokens', prompt: 'Replace "legacyAuth"; $(touch pwned)' },
  attempt: 2,
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

function run(
  command: string,
  rest: {
    timeoutSeconds?: number;
    signal?: AbortSignal;
    tempRoot?: string;
    cwd?: string;
    env?: Record<string, string>;
  } = {},
) {
  const tempRoot = rest.tempRoot ?? root;
  const agents = createAgents({ command: { path: '/usr/bin:/bin', tempRoot, outputLimitBytes: 1_000_000 } });
  return agents.run({
    executor: { kind: 'command', command, timeoutSeconds: rest.timeoutSeconds ?? 20 },
    input: INPUT,
    cwd: rest.cwd ?? cwd,
    env: rest.env ?? {},
    signal: rest.signal ?? new AbortController().signal,
  });
}

test('works in the workspace and finds its input outside of it', async () => {
  const command =
    'cat "$PLANWRIGHT_INPUT" > seen.json; echo "$PLANWRIGHT_TASK/$PLANWRIGHT_ATTEMPT"; dirname "$PLANWRIGHT_INPUT"';
  const result = await run(command);
  expect(result).toEqual({ kind: 'done', output: expect.stringMatching(/^12\.3\/2\n/) });
  expect(JSON.parse(readFileSync(join(cwd, 'seen.json'), 'utf8'))).toEqual(INPUT);
  expect(readdirSync(cwd)).toEqual(['seen.json']);
  expect(result.output).toContain(root);
  expect(readdirSync(root)).toEqual([]);
});

test('knows what its workspace was given, which hides nothing of ours', async () => {
  const env = { PORT: '42020', PLANWRIGHT_TASK: 'planted' };
  const result = await run('echo "$PORT $PLANWRIGHT_TASK"', { env });
  expect(result).toEqual({ kind: 'done', output: '42020 12.3\n' });
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
    output: 'begun\n',
  });
});

test('an abort is a cancellation', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 200);
  expect(await run('sleep 30', { signal: controller.signal })).toMatchObject({ failure: 'cancelled' });
});

test('what never started is no fault of the agent', async () => {
  expect(await run('true', { cwd: '/no/such/folder' })).toMatchObject({ failure: 'infrastructure' });
  expect(await run('true', { tempRoot: '/dev/null/x' })).toMatchObject({ failure: 'infrastructure' });
});
