import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpecCheck } from '#domain/spec/spec.js';
import { nothingLeftBehind, testSandbox } from '#testing/sandbox.js';
import { createChecks } from './checks-adapter.js';

let root: string;
let cwd: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'checks-'));
  cwd = mkdtempSync(join(tmpdir(), 'checkout-'));
});
afterEach(() => [root, cwd].forEach((path) => rmSync(path, { recursive: true, force: true })));

async function run(
  command: string,
  timeoutMs = 20_000,
  signal = new AbortController().signal,
  outputLimitBytes = 1_000_000,
) {
  const check: SpecCheck = { id: 'c', run: command, timeoutMs, compare: 'baseline' };
  const sandbox = await testSandbox({ mode: 'off', tempRoot: root });
  return createChecks({ sandbox, outputLimitBytes }).run({
    check,
    cwd,
    signal,
  });
}

test('runs in the checkout and reports code and output', async () => {
  writeFileSync(join(cwd, 'here'), 'content');
  expect(await run('cat here; exit 4')).toMatchObject({ kind: 'finished', exitCode: 4, output: 'content' });
});

test.each([
  ['no-such-command', /not found/],
  ['./not-executable', /ermission denied/],
  ['exit 127', /exit code 127/],
])('%s could not start', async (command, reason) => {
  writeFileSync(join(cwd, 'not-executable'), '', { mode: 0o600 });
  expect(await run(command)).toEqual({ kind: 'not_started', reason: expect.stringMatching(reason) });
});

test('a run over its time, or killed, or flooding, is told apart from a plain failure', async () => {
  expect(await run('sleep 30', 200)).toMatchObject({ kind: 'timed_out' });
  expect(await run('kill -9 $$')).toMatchObject({
    kind: 'finished',
    exitCode: 1,
    output: expect.stringMatching(/SIGKILL/),
  });
  expect(await run('yes', 20_000, new AbortController().signal, 10_000)).toMatchObject({
    kind: 'output_limit',
  });
});

test('its home is a folder of its own of which nothing is left afterwards, also after an abort', async () => {
  const result = await run('touch "$HOME/x" "$TMPDIR/y"; echo "$HOME"');
  expect(result).toMatchObject({ kind: 'finished', exitCode: 0, output: expect.stringMatching(root) });
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('fenced')), 200);
  await expect(run('touch "$HOME/x"; sleep 30', 20_000, controller.signal)).rejects.toThrow('fenced');
  await nothingLeftBehind(root);
});
