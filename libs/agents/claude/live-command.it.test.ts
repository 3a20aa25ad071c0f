import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClaudeWorkshop } from '#testing/claude-workshop.js';
import { uses } from '#testing/messages-api/answer.js';
import { TEST_KEY } from '#testing/messages-api/model-calls.js';
import { until } from '#testing/running-demo.js';

/** What a command prints is shown to whoever watches while it runs. */

const TASK = { title: 'Work', prompt: 'Work.', maxAttempts: 1, executor: { claude: {} } };
const finishes = uses('finish', { summary: 'Done.' });

let shop: ClaudeWorkshop;

beforeEach(async () => {
  shop = await ClaudeWorkshop.open({ files: { 'a.txt': 'a\n' } });
});
afterEach(() => shop.close());

const runs = (command: string) => shop.run([TASK], [uses('run_command', { command }), finishes]);

test('a line is shown before the command ends, and once', async () => {
  const running = runs('echo "I am in $PWD."; until [ -e go ]; do sleep 0.05; done; rm go; echo the end');
  // It goes on when the file is there, whose place only its output tells.
  const cwd = await until('a line', async () => /^I am in (.*)\.$/m.exec(await shop.output())?.[1] ?? null);
  writeFileSync(join(cwd, 'go'), '');
  const planId = await running;
  expect((await shop.task(planId)).status).toBe('completed');
  expect(await shop.output()).toMatch(/> run_command [^\n]*\nI am in [^\n]*\nthe end\nExit code 0\.\n/);
  expect(shop.lastResults()).toMatch(/Exit code 0\.\nI am in [^\n]*\nthe end\n/);
});

test('of a long output so much is shown while it runs, and the end after it', async () => {
  await runs(
    'echo begun; sleep 0.7; i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo "line $i"; done; exit 3',
  );
  const text = await shop.output();
  expect(text.length).toBeLessThan(40_000);
  expect(text.slice(0, 200)).toMatch(/\nbegun\n/);
  expect(text.slice(-500)).toMatch(/\nline 5000\nExit code 3\.\n/);
  expect(text.split('\n')).toContain('[the end of it is shown when it is there]');
});

test('a known secret that is printed in parts is not shown', async () => {
  const [begin, end] = [TEST_KEY.slice(0, 20), TEST_KEY.slice(20)];
  await runs(`printf 'the key is ${begin}'; sleep 0.7; printf '${end}'; sleep 0.7; echo .`);
  const text = (await shop.output()).split('\n').find((line) => line.startsWith('the key is'));
  expect(text).toMatch(/^the key is /);
  expect(text).not.toContain(begin);
  expect(text).not.toContain(end);
});
