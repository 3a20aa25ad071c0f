import { execFile } from 'node:child_process';
import path from 'node:path';
import type { PlanView } from '#contracts/api/plans.js';
import { ApiProcess } from '#testing/api-process.js';
import { createOrigin, git, TEST_PATH } from '#testing/git-repositories.js';
import { uses, type Answer } from '#testing/messages-api/answer.js';
import { startMessagesApi, type MessagesApi } from '#testing/messages-api/messages-api.js';
import { TEST_KEY } from '#testing/messages-api/model-calls.js';
import type { ApiRequest } from '#testing/messages-api/request.js';
import { until } from '#testing/running-demo.js';
import { startWorkers, type TestWorkers } from '#testing/test-service.js';

/** The real program: API, workers, command line, and a Messages API whose answers cost a lot. */

/** At $20 for a million tokens that is $0.30 for each answer that may be as long. */
const OUTPUT = 15_000;
const WORK: readonly Answer[] = [
  ...Array.from({ length: 5 }, () => uses('read_file', { path: 'README.md' })),
  uses('write_file', { path: 'a.txt', content: 'a\n' }),
  uses('finish', { summary: 'Written.' }),
];

let api: ApiProcess;
let models: MessagesApi;
let workers: TestWorkers;

beforeAll(async () => {
  models = await startMessagesApi(answer, { key: TEST_KEY });
  api = await ApiProcess.start({ PLANWRIGHT_MODEL_KEY: 'workers' });
  const key = {
    ANTHROPIC_API_KEY: TEST_KEY,
    ANTHROPIC_BASE_URL: models.url,
    PLANWRIGHT_MODEL: 'claude-opus-5-5',
  };
  workers = await startWorkers(api, key);
}, 60_000);
afterAll(async () => {
  await workers.stop();
  await api.stop();
  await models.close();
});

function answer({ turn, body }: ApiRequest): Answer {
  const output_tokens = Math.min(OUTPUT, body.max_tokens ?? 0);
  return { ...(WORK[turn] as object), usage: { output_tokens } };
}

async function planwright(...args: readonly string[]): Promise<string> {
  const cli = path.resolve('dist/apps/cli/main.js');
  const env = { PATH: TEST_PATH, PLANWRIGHT_URL: api.url, PLANWRIGHT_TOKEN: api.token };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [cli, ...args], { env }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
}

const whenIt = (what: string, isThere: (plan: PlanView) => boolean) =>
  until(`a plan that is ${what}`, async () => {
    const plan = (await api.get('/api/plans/1')).body as unknown as PlanView;
    return isThere(plan) ? plan : null;
  });

it('a plan of $1 stops before it is crossed, makes no further call, and ends when it may cost $3', async () => {
  const repository = await createOrigin(await api.folder.next('origin'));
  const task = {
    title: 'Write the file',
    prompt: 'Write a.txt.',
    executor: { claude: {} },
    spec: { spec: 1, rules: [{ id: 'there', require: { files: ['a.txt'] } }] },
  };
  const phases = [{ name: 'Write', mode: 'sequential', tasks: [task] }];
  const plan = { name: 'Write a file', budget: { plan: 1 }, phases };
  expect(await api.post('/api/plans', { repository, plan })).toMatchObject({ status: 201 });
  await planwright('execute', '1');

  const stopped = await whenIt('paused', ({ status }) => status === 'paused');
  expect(stopped).toMatchObject({
    pauseReason: 'budget',
    pauseNote: expect.stringContaining('planwright update-plan 1 --budget'),
  });
  expect(stopped.cost?.usd).toBeGreaterThan(0.9);
  expect(stopped.cost?.usd).toBeLessThanOrEqual(1);
  expect(stopped.cost?.calls).toBe(models.calls.length);
  const [waiting] = stopped.phases.flatMap(({ tasks }) => tasks);
  expect(waiting?.attempts.map(({ failure }) => failure)).toEqual(['budget']);
  await expect(planwright('resume', '1')).rejects.toThrow('budget');
  expect(models.calls).toHaveLength(stopped.cost?.calls ?? 0);

  await planwright('update-plan', '1', '--budget', '3');
  await planwright('resume', '1');
  const ended = await whenIt('published', ({ publishedCommit }) => publishedCommit !== null);
  expect(ended.status).toBe('completed');
  // The session goes on where it stopped: what was paid for is not paid for twice.
  expect(models.calls).toHaveLength(WORK.length);
  expect(ended.cost?.calls).toBe(WORK.length);
  expect(ended.cost?.usd).toBeLessThanOrEqual(3);
  expect(await git(repository, 'show', `${ended.branch}:a.txt`)).toBe('a');
});
