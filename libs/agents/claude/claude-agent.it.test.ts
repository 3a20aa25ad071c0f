import { answerTask } from '#engine/commands/answer-task.command.js';
import { ClaudeWorkshop } from '#testing/claude-workshop.js';
import { empty, refuses, says, uses, usesAll, type Answer } from '#testing/messages-api/answer.js';
import { until } from '#testing/running-demo.js';

/** Sessions from the claim of an attempt to the plan branch: real database, git, sandbox and verifier, a scripted model. */

const FILES = {
  'greet.ts': 'export function greet(name: string): string {\n  return `Hello ${name}`;\n}\n',
  '.gitignore': 'node_modules/\n',
};
const SPEC = { spec: 1, rules: [{ id: 'polite', require: { identifiers: ['goodDay'] } }] };
const TASK = {
  key: 'polite',
  title: 'Greet politely',
  prompt: 'Rename greet to goodDay.',
  executor: { claude: {} },
};

const EDIT = { path: 'greet.ts', old: 'function greet(', new: 'function goodDay(' };
const edits = uses('edit_file', EDIT);
const finishes = uses('finish', { summary: 'Renamed greet to goodDay.' });

let shop: ClaudeWorkshop;

beforeEach(async () => {
  shop = await ClaudeWorkshop.open({ files: FILES });
});
afterEach(() => shop.close());

const run = (script: readonly Answer[], over: object = {}, claude: object = {}) =>
  shop.run([{ ...TASK, spec: SPEC, executor: { claude }, ...over }], script);

test('a task goes from reading by editing and verifying to a commit on the plan branch', async () => {
  const planId = await run([
    usesAll(
      [
        { name: 'read_file', input: { path: 'greet.ts' } },
        { name: 'list_files', input: {} },
        { name: 'search', input: { pattern: 'Hello|Bye' } },
      ],
      { thinking: 'I look first.', text: 'I look at it.\n' },
    ),
    uses('verify', {}),
    edits,
    uses('run_command', { command: 'cat greet.ts; echo $((40 + 2))' }),
    uses('verify', {}),
    finishes,
  ]);
  const task = await shop.task(planId);
  expect(task).toMatchObject({ status: 'completed', verified: true });
  expect(task.attempts[0]).toMatchObject({
    status: 'passed',
    result: { summary: 'Renamed greet to goodDay.' },
  });
  expect(await shop.file(planId, 'greet.ts')).toContain('goodDay');

  const given = shop.api.calls.map(({ last }) => last);
  expect(given[0]).toContain('Rename greet to goodDay.');
  expect(given[0]).toContain('identifiers:');
  expect(given[1]).toContain('1\texport function greet');
  expect(given[1]).toMatch(/\.gitignore\ngreet\.ts/);
  expect(given[1]).toContain('greet.ts:2:   return `Hello');
  expect(given[2]).toContain('Nothing in the workspace differs');
  expect(given[4]).toContain('Exit code 0.');
  expect(given[4]).toContain('42');
  expect(given[5]).toContain('Verdict: pass');
  const shown = await shop.output(task.attempts[0]?.id ?? '');
  expect(shown).toMatch(/I look at it\.\n\n> read_file greet\.ts\n/);
  const stored = await shop.transcript(task.attempts[0]?.id ?? '');
  expect(stored.map(({ role }) => role)).toEqual(
    [...Array(6)].flatMap(() => ['user', 'assistant']).concat('user'),
  );
});

test('input that cannot be used is answered with what is wrong, and the model mends it', async () => {
  const planId = await run([
    uses('edit_file', { path: 'greet.ts', was: 'x' }),
    uses('edit_file', { path: 'greet.ts', old: 'nowhere', new: 'x' }),
    uses('no_such_tool', {}),
    edits,
    finishes,
  ]);
  expect((await shop.task(planId)).status).toBe('completed');
  const given = shop.api.calls.map(({ last }) => last);
  expect(given[1]).toMatch(/The input of edit_file cannot be used.*old/s);
  expect(given[2]).toContain('The passage is not in greet.ts');
  expect(given[3]).toContain('There is no tool no_such_tool.');
});

test('what is rejected is tried again, and the next attempt is told why', async () => {
  const planId = await run([
    uses('write_file', { path: 'other.ts', content: 'x' }),
    finishes,
    edits,
    finishes,
  ]);
  const task = await shop.task(planId);
  expect(task.attempts.map(({ status }) => status)).toEqual(['rejected', 'passed']);
  expect(shop.api.calls[2]?.first).toMatch(/The one before was rejected\..*polite.*other\.ts/s);
});

test('each attempt that fails by its own fault goes one rung up the ladder', async () => {
  await run(
    [empty(), edits, finishes],
    {},
    {
      model: 'claude-haiku-4-5',
      ladder: [{}, { model: 'claude-opus-5-5', effort: 'high' }],
    },
  );
  const bodies = shop.api.calls.map(({ body }) => [body.model, body.output_config?.effort]);
  expect(bodies).toEqual([
    ['claude-haiku-4-5', undefined],
    ['claude-opus-5-5', 'high'],
    ['claude-opus-5-5', 'high'],
  ]);
});

test.each([
  ['an empty answer', [empty()], 'agent_failed', /empty answer/],
  ['a refusal', [refuses('I will not.')], 'agent_failed', /refuses.*I will not/],
  [
    'a plan that is wrong',
    [uses('report_plan_wrong', { findings: 'There is no such module.' })],
    'needs_replan',
    /no such module/,
  ],
])('%s is said as what it is', async (_name, script, failure, message) => {
  const planId = await run(script, { maxAttempts: 1 });
  const [attempt] = (await shop.task(planId)).attempts;
  expect(attempt).toMatchObject({ status: 'errored', failure, message: expect.stringMatching(message) });
  expect(await shop.plan(planId)).toMatchObject({
    status: 'paused',
    pauseReason: failure === 'needs_replan' ? 'needs_replan' : 'task_failed',
  });
});

test('who only talks is told how to finish, and then taken at their word', async () => {
  const planId = await run([edits, says('I have done it.'), says('Nothing more to do.')]);
  expect((await shop.task(planId)).attempts[0]).toMatchObject({
    status: 'passed',
    result: { summary: 'Nothing more to do.' },
  });
});

test('a session whose worker is told to stop is gone on with by the next one, on its files', async () => {
  const waits = uses('run_command', { command: 'echo "It waits."; sleep 60' });
  const running = run([edits, waits, finishes]);
  await until('the command', async () => (/^It waits\.$/m.test(await shop.output()) ? true : null));
  shop.replaceWorker();
  const planId = await running;
  const task = await shop.task(planId);
  expect(task.attempts.map(({ status, failure }) => [status, failure])).toEqual([
    ['cancelled', null],
    ['passed', null],
  ]);
  expect(shop.api.calls).toHaveLength(3);
  expect(shop.api.calls[2]?.first).toContain('Rename greet to goodDay.');
  expect(shop.api.calls[2]?.last).toMatch(
    /interrupted before this was done[^]*You go on where attempt 1 stopped/,
  );
  expect(await shop.file(planId, 'greet.ts')).toContain('goodDay');
});

describe('a question', () => {
  const asks = usesAll([
    { name: 'write_file', input: { path: 'notes.txt', content: 'begun' } },
    { name: 'ask_person', input: { question: 'Which greeting?' } },
  ]);

  test('rests the task until a person answers, and the same session goes on with its files', async () => {
    const planId = await run([asks, uses('read_file', { path: 'notes.txt' }), edits, finishes]);
    expect(await shop.plan(planId)).toMatchObject({ status: 'running', activeTasks: 0 });
    expect(await shop.task(planId)).toMatchObject({
      status: 'awaiting_answer',
      attempts: [{ status: 'cancelled', failure: null }],
    });

    await answerTask(shop.deps, { planId, taskNumber: 1, actorId: shop.actorId, answer: 'Good day' });
    await shop.work();
    const task = await shop.task(planId);
    expect(task.status).toBe('completed');
    expect(task.attempts.map(({ status }) => status)).toEqual(['cancelled', 'passed']);
    const [, resumed, read] = shop.api.calls;
    expect(resumed?.body.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(resumed?.last).toContain('A person answers: Good day');
    expect(read?.last).toContain('begun');
    expect(await shop.file(planId, 'notes.txt')).toBe('begun');
  });

  test('is not answered twice, and not where nothing was asked', async () => {
    const planId = await run([asks]);
    const answer = { planId, taskNumber: 1, actorId: shop.actorId, answer: 'Good day' };
    shop.api.use([edits, finishes]);
    await answerTask(shop.deps, answer);
    await expect(answerTask(shop.deps, answer)).rejects.toMatchObject({ code: 'conflict' });
  });
});
