import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerTask } from '#engine/commands/answer-task.command.js';
import { USED } from '#testing/agent-cli/printed.js';
import { makeStandIns } from '#testing/agent-cli/stand-ins.js';
import { ClaudeWorkshop } from '#testing/claude-workshop.js';
import { TEST_PATH } from '#testing/git-repositories.js';
import { until } from '#testing/running-demo.js';
import { MOST_JUDGEMENTS } from './gates.js';

/**
 * Claude Code with its hooks answered, from the claim to the plan branch: real database, git, sandbox and verifier, and a
 * program that starts hooks and keeps sessions as the documentation says.
 */
const SPEC = { spec: 1, rules: [{ id: 'made', require: { files: ['done.txt'] } }] };

let programs: string;
let shop: ClaudeWorkshop;

beforeEach(async () => {
  programs = mkdtempSync(join(tmpdir(), 'stand-ins-'));
  const path = `${makeStandIns(programs)}:${TEST_PATH}`;
  const files = { 'a.txt': 'a\n', '.github/ci.yml': 'on: push\n' };
  shop = await ClaudeWorkshop.open({
    files,
    cli: { path, environment: { ANTHROPIC_API_KEY: 'some-long-key' } },
  });
});
afterEach(async () => {
  await shop.close();
  rmSync(programs, { recursive: true, force: true });
});

function run(words: readonly string[], over: object = {}): Promise<string> {
  const prompt = ['Make it.', ...words.map((word) => `Stand-in: ${word}`)].join('\n');
  const executor = { agent: 'claude', timeout: '60s' };
  return shop.run([{ title: 'Make it', prompt, spec: SPEC, executor, maxAttempts: 1, ...over }], []);
}

async function firstOf(planId: string) {
  const task = await shop.task(planId);
  const [attempt] = task.attempts;
  if (attempt === undefined) throw new Error('there is no attempt');
  return { task, attempt, shown: await shop.output(attempt.id) };
}

const judgements = (planId: string) =>
  shop.harness.stores.db.judgement.count({ where: { planId, taskId: { not: null } } });

test('who would end is told what is wrong, mends it, and needs no second attempt', async () => {
  const planId = await run(['tool-writes wrong.txt x', 'when-told done.txt yes']);
  const { task, attempt, shown } = await firstOf(planId);
  expect(task).toMatchObject({ status: 'completed', verified: true });
  expect(task.attempts).toHaveLength(1);
  expect(attempt.output).toMatch(/wrote wrong\.txt\nYou are not done yet\.[^]*- made, medium: /);
  expect(shown).toMatch(/verifier says: fail[^]*verifier says: pass/);
  expect(await judgements(planId)).toBe(2);
});

test('who does not mend it is told a few times, and then rejected by the verifier', async () => {
  const planId = await run(['writes wrong.txt x']);
  const { task, attempt } = await firstOf(planId);
  expect(attempt.status).toBe('rejected');
  expect(task.status).not.toBe('completed');
  expect(attempt.output).toContain('You will not be told again');
  expect(await judgements(planId)).toBe(MOST_JUDGEMENTS);
});

test('a write to what is protected, or outside of what the task writes, is refused with the reason', async () => {
  const words = ['tool-writes .github/ci.yml x', 'tool-writes other/b.txt x', 'tool-writes src/b.txt x'];
  const planId = await run(words, { writes: ['src/**'], spec: undefined });
  const { task, shown } = await firstOf(planId);
  expect(shown).toMatch(/write to \.github\/ci\.yml was refused: CI configuration/);
  expect(shown).toMatch(/write to other\/b\.txt was refused: the task says that it writes to src\/\*\*/);
  expect(task.status).toBe('completed');
  expect(await shop.file(planId, 'src/b.txt')).toBe('x');
  expect(await shop.file(planId, '.github/ci.yml')).toBe('on: push');
  await expect(shop.file(planId, 'other/b.txt')).rejects.toThrow();
  // Without a spec nobody asks the verifier before the end.
  expect(await judgements(planId)).toBe(0);
});

test('what goes around the hooks is judged all the same', async () => {
  const { attempt } = await firstOf(await run(['writes .github/ci.yml x', 'writes done.txt yes']));
  expect(attempt.status).toBe('rejected');
});

test('who works for a worker that is told to stop goes on with its session for the next one, on its files', async () => {
  const refused = 'tool-writes .github/ci.yml x';
  const running = run(['writes half.txt x', 'begins', refused, 'hang', 'resumed writes done.txt yes']);
  await until('its work', async () => ((await shop.output()).includes('was refused') ? true : null));
  shop.replaceWorker();
  const planId = await running;
  const task = await shop.task(planId);
  expect(task.attempts.map(({ status, failure }) => [status, failure])).toEqual([
    ['cancelled', null],
    ['passed', null],
  ]);
  expect(await shop.file(planId, 'half.txt')).toBe('x');
  const record = JSON.parse(await shop.file(planId, 'stand-in.json')) as { args: string[]; prompt: string };
  expect(record.args.join(' ')).toContain(`--resume ${USED.session}`);
  expect(record.prompt).toMatch(/^You go on where attempt 1 stopped/);
});

test('a question rests the task, and its answer goes to the same session on the same files', async () => {
  const question = 'report {"outcome": "question", "message": "Which colour?"}';
  const planId = await run(['writes half.txt x', question, 'resumed writes done.txt yes']);
  const asked = await firstOf(planId);
  expect(asked.task.status).toBe('awaiting_answer');
  expect(asked.attempt).toMatchObject({ status: 'cancelled', failure: null });
  expect(await judgements(planId)).toBe(0);
  const { actorId, deps } = shop;
  await answerTask(deps, { planId, taskNumber: 1, actorId, answer: 'Blue.' });
  await shop.work();
  expect((await shop.task(planId)).status).toBe('completed');
  expect(await shop.file(planId, 'half.txt')).toBe('x');
  const record = JSON.parse(await shop.file(planId, 'stand-in.json')) as { args: string[]; prompt: string };
  expect(record.args.join(' ')).toContain(`--resume ${USED.session}`);
  expect(record.prompt).toMatch(/^The person in charge answers your question: Blue\.\n\n/);
});
