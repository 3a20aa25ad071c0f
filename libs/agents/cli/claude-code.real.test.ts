import { delimiter } from 'node:path';
import { answerTask } from '#engine/commands/answer-task.command.js';
import { CLAUDE_CODE, describeClaudeCode, isOfTheTask } from '#testing/claude-code.js';
import { ClaudeWorkshop } from '#testing/claude-workshop.js';
import { TEST_PATH } from '#testing/git-repositories.js';
import { says, uses, type Answer } from '#testing/messages-api/answer.js';
import { TEST_KEY } from '#testing/messages-api/model-calls.js';
import type { ApiRequest } from '#testing/messages-api/request.js';
import { until } from '#testing/running-demo.js';

/** The real program, from the claim of an attempt to the plan branch, in the sandbox; its model is a script on loopback. */
const SPEC = { spec: 1, rules: [{ id: 'made', require: { files: ['done.txt'] } }] };
const TASK = { title: 'Make it', prompt: 'Make it.', spec: SPEC, maxAttempts: 1 };

let shop: ClaudeWorkshop;

async function open(): Promise<void> {
  const path = [CLAUDE_CODE, TEST_PATH].join(delimiter);
  const environment: Record<string, string> = { ANTHROPIC_API_KEY: TEST_KEY };
  shop = await ClaudeWorkshop.open({ files: { 'a.txt': 'a\n' }, cli: { path, environment } });
  environment['ANTHROPIC_BASE_URL'] = shop.api.url;
}

function run(script: (request: ApiRequest) => Answer): Promise<string> {
  const executor = { agent: 'claude', model: 'claude-opus-4-5', timeout: '150s' };
  return shop.run([{ ...TASK, executor }], (request) =>
    isOfTheTask(request) ? script(request) : says('Yes.'),
  );
}

const bash = (command: string) => uses('Bash', { command, description: 'Works' });

describeClaudeCode(() => {
  beforeEach(open);
  afterEach(() => shop.close());

  test('asks, and goes on with its session when it is answered', async () => {
    const question = '{"outcome": "question", "message": "Which colour?"}';
    const planId = await run(({ last, turn }) => {
      if (last.includes('Blue.')) return bash('echo yes > done.txt');
      if (turn === 0) return bash(`echo half > half.txt; echo '${question}' > "$PLANWRIGHT_RESULT"`);
      return says('I wait.');
    });
    expect((await shop.task(planId)).status).toBe('awaiting_answer');
    const before = shop.api.calls.length;
    await answerTask(shop.deps, { planId, taskNumber: 1, actorId: shop.actorId, answer: 'Blue.' });
    await shop.work();
    const task = await shop.task(planId);
    expect(task.status).toBe('completed');
    expect(task.attempts.map(({ status }) => status)).toEqual(['cancelled', 'passed']);
    // The same conversation: its first message is the task, and what was said before is in it.
    const resumed = shop.api.calls.slice(before).find(({ last }) => last.includes('Blue.'));
    expect(resumed?.first).toContain('Make it.');
    expect(resumed?.turn).toBeGreaterThan(0);
    expect(await shop.file(planId, 'half.txt')).toBe('half');
  });

  test('goes on with its session when its worker was told to stop', async () => {
    const running = run(({ last, turn }) => {
      if (last.includes('You go on where attempt 1 stopped')) return bash('echo yes > done.txt');
      if (turn === 0) return bash('echo half > half.txt');
      return turn === 1 ? bash('sleep 100') : says('It is done.');
    });
    await until('its second call', async () => (shop.api.calls.some(({ turn }) => turn === 1) ? true : null));
    shop.replaceWorker();
    const planId = await running;
    const task = await shop.task(planId);
    expect(task.attempts.map(({ status }) => status)).toEqual(['cancelled', 'passed']);
    const resumed = shop.api.calls.find(({ last }) => last.includes('You go on where attempt 1 stopped'));
    expect(resumed?.first).toContain('Make it.');
    expect(resumed?.turn).toBeGreaterThan(0);
    expect(await shop.file(planId, 'half.txt')).toBe('half');
  });
});
