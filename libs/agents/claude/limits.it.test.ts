import { ClaudeWorkshop } from '#testing/claude-workshop.js';
import {
  overloaded,
  rateLimited,
  says,
  usageLimited,
  uses,
  type Answer,
} from '#testing/messages-api/answer.js';

/** What an attempt may use up; each limit is named, and the worker takes the next task. */

const TASK = { title: 'Work', prompt: 'Work.' };
const NEXT = { title: 'Next', executor: { command: 'echo next > next.txt' } };
const finishes = uses('finish', { summary: 'Done.' });

let shop: ClaudeWorkshop;

async function open(options: Partial<Parameters<typeof ClaudeWorkshop.open>[0]> = {}) {
  shop = await ClaudeWorkshop.open({ files: { 'a.txt': 'a\n' }, ...options });
}
afterEach(() => shop.close());

/** One attempt of one task, whatever comes of it. */
async function attempt(script: Parameters<ClaudeWorkshop['run']>[1], claude: object = {}) {
  const planId = await shop.run([{ ...TASK, maxAttempts: 1, executor: { claude } }], script);
  const [first] = (await shop.task(planId)).attempts;
  if (first === undefined) throw new Error('the task has no attempt');
  return { ...first, planId };
}

describe('limits of a session', () => {
  beforeEach(() => open());

  test('turns', async () => {
    const looks = () => uses('read_file', { path: 'a.txt' });
    expect(await attempt(looks, { turns: 3 })).toMatchObject({
      failure: 'limit_exceeded',
      message: 'it reached its limit of 3 turns',
    });
    expect(shop.api.calls).toHaveLength(3);
  });

  test('tokens: the call that would cross the limit is not made', async () => {
    const answer = uses(
      'read_file',
      { path: 'a.txt' },
      { usage: { input_tokens: 4_000, output_tokens: 500 } },
    );
    const { failure, message } = await attempt(() => answer, { tokens: 8_000 });
    expect(failure).toBe('limit_exceeded');
    expect(message).toMatch(/limit of 8000 tokens: 4500 are used|limit of 8000 tokens: 9000 are used/);
    expect(shop.api.calls.length).toBeLessThanOrEqual(2);
  });

  test('time, while a command sleeps: it ends with the attempt', async () => {
    const { failure, message } = await attempt([uses('run_command', { command: 'sleep 60' })], {
      timeout: '2s',
    });
    expect([failure, message]).toEqual(['limit_exceeded', 'it reached its limit of time: 2 s']);
  });

  test('time, while the model is silent', async () => {
    const slow = says('Hm', { delivery: { end: 'stall' } });
    expect(await attempt([slow], { timeout: '2s' })).toMatchObject({ failure: 'limit_exceeded' });
    expect(shop.api.aborted).toBe(1);
  });
});

describe('limits of a command are told to the model, which goes on', () => {
  const told = async (command: string, more: object = {}) => {
    const { status } = await attempt([uses('run_command', { command, ...more }), finishes]);
    return { status, said: shop.api.calls[1]?.last ?? '' };
  };

  test.each([
    ['a flood of output', 'yes', {}, /wrote more than 4194304 bytes/],
    ['a command that sleeps', 'sleep 30', { seconds: 1 }, /ran longer than 1 s/],
  ])('%s', async (_name, command, more, said) => {
    await open();
    expect(await told(command, more)).toEqual({ status: 'passed', said: expect.stringMatching(said) });
  });

  test('many processes', async () => {
    await open({ sandbox: { limits: { processes: 20 } } });
    const fork = 'for i in $(seq 1 60); do sleep 20 & done; wait';
    expect(await told(fork)).toEqual({ status: 'passed', said: expect.stringMatching(/processes/) });
  });

  test('a file that grows', async () => {
    await open({ sandbox: { limits: { diskBytes: 2_000_000 } } });
    const { said } = await told('head -c 9000000 /dev/zero > big; sleep 20; rm big');
    expect(said).toMatch(/MiB/);
  });
});

test('after an attempt that met a limit the worker takes the next task', async () => {
  await open();
  const tasks = [{ ...TASK, maxAttempts: 2, executor: { claude: { turns: 2 } } }, NEXT];
  const looks = uses('read_file', { path: 'a.txt' });
  const planId = await shop.run(tasks, [
    looks,
    looks,
    uses('write_file', { path: 'b.txt', content: 'b' }),
    finishes,
  ]);
  const plan = await shop.plan(planId);
  expect(plan.status).toBe('completed');
  expect(plan.tasks[0]?.attempts.map(({ failure }) => failure)).toEqual(['limit_exceeded', null]);
});

describe('what the provider refuses', () => {
  beforeEach(() => open());

  const run = (...script: Answer[]) => attempt(script);

  test('too many requests and overload are waited for inside the call: no attempt is used', async () => {
    const { status } = await run(rateLimited(0), overloaded(), finishes);
    expect(status).toBe('passed');
  });

  test('a usage limit parks the task until its time, uses no attempt, and the session goes on then', async () => {
    const soon = new Date(Date.now() + 1_500);
    const work = uses('write_file', { path: 'b.txt', content: 'b' });
    const { planId } = await run(work, usageLimited(soon), finishes);
    const task = await shop.task(planId);
    expect(task.attempts.map(({ failure }) => failure)).toEqual(['quota', null]);
    expect(task.status).toBe('completed');
    expect(await shop.file(planId, 'b.txt')).toBe('b');
    // The second attempt begins with the conversation of the first.
    expect(shop.api.calls.at(-1)?.turn).toBe(1);
  });

  test('a wrong key pauses the plan at once, with a sentence', async () => {
    const { planId, failure } = await run({ status: 401, message: 'invalid x-api-key' });
    expect(failure).toBe('unconfigured');
    expect(await shop.plan(planId)).toMatchObject({
      status: 'paused',
      pauseReason: 'task_failed',
      pauseNote: expect.stringMatching(/ANTHROPIC_API_KEY|key/),
    });
  });
});
