import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ApiProcess } from '#testing/api-process.js';
import { createOrigin, TEST_PATH } from '#testing/git-repositories.js';
import { gives, malformed } from '#testing/messages-api/answer.js';
import { startMessagesApi, type MessagesApi } from '#testing/messages-api/messages-api.js';
import { TEST_KEY } from '#testing/messages-api/model-calls.js';
import { asStack, TestService } from '#testing/test-service.js';

/** The real program: API, worker, command line, and a Messages API that answers by script. */

const TASK = {
  key: 'write',
  title: 'Write the file',
  prompt: 'Write a.txt.',
  dependsOn: [],
  writes: ['a.txt'],
  mayChange: [],
  needs: [],
  spec: 'spec: 1\nrules:\n  - id: there\n    require: { files: [a.txt] }\n',
};
const ANSWER = {
  phases: [{ name: 'Write', description: '', mode: 'sequential', successCriteria: [], tasks: [TASK] }],
};
const EXECUTOR = ['--executor-json', '{"external":{}}'];

let api: ApiProcess;
let models: MessagesApi;
let worker: TestService;
let repository: string;

beforeAll(async () => {
  models = await startMessagesApi([], { key: TEST_KEY });
  api = await ApiProcess.start({ PLANWRIGHT_MODEL_KEY: 'workers' });
  const env = { ANTHROPIC_API_KEY: TEST_KEY, ANTHROPIC_BASE_URL: models.url };
  worker = await TestService.start(asStack(api), 'executor-worker', env);
  repository = await createOrigin(await api.folder.next('origin'));
}, 60_000);
afterAll(async () => {
  await worker.stop();
  await api.stop();
  await models.close();
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function planwright(at: Pick<ApiProcess, 'url' | 'token'>, ...args: readonly string[]): Promise<Ran> {
  const cli = path.resolve('dist/apps/cli/main.js');
  const env = { PATH: TEST_PATH, PLANWRIGHT_URL: at.url, PLANWRIGHT_TOKEN: at.token };
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const dataOf = ({ stdout }: Ran) => (JSON.parse(stdout) as { data: Record<string, unknown> }).data;

it('has a plan written, tells how it goes, and shows what it cost', async () => {
  models.use([gives(ANSWER, { usage: { input_tokens: 1_000, output_tokens: 100 } })]);
  const ran = await planwright(api, 'generate', 'Write a file', '--repo', repository, ...EXECUTOR, '--watch');
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('Write the file') });
  expect(ran.stderr).toContain('An answer: 1 phases, 1 tasks.');
  expect(ran.stderr).toContain('Specs on the base: 1 red, 0 green, 0 undecided.');
  expect(ran.stderr).toContain('Next: planwright execute 1');
  const history = await planwright(api, 'iterations', '1');
  expect(history.stdout).toMatch(
    /2 .*generate +succeeded +Plan generated: 1 phases, 1 tasks .*1000 in, 100 out +\$0\.0060/,
  );
  const one = dataOf(await planwright(api, 'iterations', '1', '2', '--json'));
  expect(one).toMatchObject({ request: { title: 'Write a file' }, result: ANSWER, rawText: null });
  const first = await api.get('/api/plans/1/iterations?limit=1');
  expect(first.body).toMatchObject({ items: [{ number: 1, kind: 'created', model: null }] });
  const next = await api.get(`/api/plans/1/iterations?limit=1&cursor=${String(first.body['nextCursor'])}`);
  expect(next.body).toMatchObject({ items: [{ number: 2 }], nextCursor: null });
});

it('takes a file whose heading is the title, keeps what could not be used, and is asked again', async () => {
  const file = await api.folder.next('issue.md');
  await writeFile(file, '# Count rows\n\nBy region.\n');
  models.use([malformed('Sure! Here'), malformed('Of course')]);
  const ran = await planwright(api, 'generate', '--file', file, '--repo', repository, ...EXECUTOR, '--watch');
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('Next: planwright generate --again 2 --watch');
  expect((await planwright(api, 'iterations', '2', '2', '--raw')).stdout).toBe('Sure! Here\n\nOf course');
  models.use([gives(ANSWER)]);
  const again = await planwright(api, 'generate', '--again', '2', '--watch', '--json');
  expect(again.code).toBe(0);
  expect(dataOf(again)).toMatchObject({ number: 2, name: 'Count rows', status: 'ready' });
});

it('prints the number and does not wait, unless it is told to', async () => {
  models.use([gives(ANSWER)]);
  const ran = await planwright(api, 'generate', 'Later', '--repo', repository, ...EXECUTOR);
  expect(ran).toMatchObject({ code: 0, stdout: '3\n' });
});

it('says what is missing where nobody has a key, and creates nothing', async () => {
  const keyless = await ApiProcess.start();
  try {
    const ran = await planwright(keyless, 'generate', 'Write a file', '--repo', repository);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('export ANTHROPIC_API_KEY');
    expect((await keyless.get('/api/plans')).body).toMatchObject({ items: [] });
  } finally {
    await keyless.stop();
  }
});
