import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PlanView } from '#contracts/api/plans.js';
import type { OutputView, TranscriptView } from '#contracts/api/sessions.js';
import { createOrigin, git, TemporaryFolder } from '#testing/git-repositories.js';
import { startMessagesApi, type MessagesApi } from '#testing/messages-api/messages-api.js';
import { TEST_KEY } from '#testing/messages-api/model-calls.js';
import { uses, usesAll } from '#testing/messages-api/answer.js';
import { RunningDemo, until } from '#testing/running-demo.js';

/** Sessions on the real program: supervisor, API, workers, terminal, and a scripted model behind real HTTP. */

const TIMEOUT = 120_000;
const SPEC = { spec: 1, rules: [{ id: 'made', require: { files: ['made.txt'] } }] };
const makes = uses('write_file', { path: 'made.txt', content: 'made\n' });
const finishes = uses('finish', { summary: 'Made made.txt.' });

let api: MessagesApi;
let stack: RunningDemo;
let folder: TemporaryFolder;
let origin: string;

beforeAll(async () => {
  api = await startMessagesApi([], { key: TEST_KEY });
  folder = await TemporaryFolder.create();
  origin = await createOrigin(path.join(folder.path, 'origin'), { 'a.txt': 'a\n' });
  stack = await RunningDemo.create({
    PLANWRIGHT_LEASE_MS: '1000',
    PLANWRIGHT_SANDBOX: 'required',
    ANTHROPIC_API_KEY: TEST_KEY,
    ANTHROPIC_BASE_URL: api.url,
  });
  stack.start('up');
  await stack.state();
}, TIMEOUT);

afterAll(async () => {
  await stack.remove();
  await api.close();
  await folder.remove();
}, TIMEOUT);

const planOf = (title: string) => ({
  name: title,
  phases: [{ name: 'One', mode: 'sequential', tasks: [{ title, executor: { claude: {} }, spec: SPEC }] }],
});

/** Runs a command of the terminal to its end. */
async function terminal(...args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const { ended, output } = stack.start(...args);
  const code = await ended;
  return { code, text: output.join('') };
}

it(
  'a task asks in the terminal, is answered there, and goes on; what it did is shown',
  async () => {
    api.use([
      usesAll(
        [
          { name: 'run_command', input: { command: 'echo "key: $ANTHROPIC_API_KEY."; ls /' } },
          { name: 'ask_person', input: { question: 'Which file?' } },
        ],
        { text: 'I look around.\n' },
      ),
      makes,
      uses('verify', {}),
      finishes,
    ]);
    const file = path.join(folder.path, 'plan.json');
    await writeFile(file, JSON.stringify(planOf('Ask')));
    const asked = await terminal('run', file, '--repo', origin);
    expect(asked.code).toBe(3);
    expect(asked.text).toMatch(/asks: Which file\?/);
    expect(asked.text).toContain('planwright answer 1.1');

    expect((await terminal('answer', '1.1', 'made.txt')).code).toBe(0);
    await stack.event(({ type }) => type === 'plan.completed', 1);
    const shown = await terminal('logs', '1.1');
    expect(shown.text).toMatch(/> verify\nVerdict: pass/);
    const first = await terminal('logs', '1.1', '--attempt', '1');
    expect(first.text).toMatch(/I look around\.[\s\S]*> run_command[\s\S]*key: \.\n/);
    const said = await terminal('logs', '1.1', '--transcript');
    expect(said.text).toContain('A person answers: made.txt');
    const { plan } = await stack.publishedHistory(1);
    expect(await git(origin, 'show', `${plan.branch}:made.txt`)).toBe('made');
    expect(JSON.stringify(api.calls.map(({ body }) => body))).not.toContain(TEST_KEY);
  },
  TIMEOUT,
);

it(
  'a worker that is told to stop in the middle of a session rests it, and the next one goes on with it on its files',
  async () => {
    api.use(({ turn, first, last }) => {
      if (!first.includes('Restart')) return finishes;
      if (turn === 0) return makes;
      return last.includes('You go on where attempt 1 stopped')
        ? finishes
        : uses('run_command', { command: 'echo "It waits."; sleep 60' });
    });
    const { number } = (await stack.insist('/api/plans', {
      repository: origin,
      plan: planOf('Restart'),
    })) as PlanView;
    await stack.insist(`/api/plans/${number}/execute`);
    await until('the session runs a command', async () => {
      const { items } = await stack.read<OutputView>(`/api/plan-tasks/${number}.1/attempts/1/output`);
      return items.some(({ text }) => /^It waits\.$/m.test(text)) ? true : null;
    });
    await stack.kill('executor-worker', 'SIGTERM');
    await stack.event(({ type }) => type === 'plan.completed', number);
    const [task] = (await stack.plan(number)).phases.flatMap(({ tasks }) => tasks);
    expect(task?.attempts.map(({ status, failure }) => [status, failure])).toEqual([
      ['cancelled', null],
      ['passed', null],
    ]);
    const route = `/api/plan-tasks/${number}.1/attempts/2/transcript`;
    const said = JSON.stringify((await stack.read<TranscriptView>(route)).items);
    expect(said).toMatch(
      /made\.txt[^]*It waits[^]*interrupted before this was done[^]*You go on where attempt 1/,
    );
    const { plan } = await stack.publishedHistory(number);
    expect(await git(origin, 'show', `${plan.branch}:made.txt`)).toBe('made');
  },
  TIMEOUT,
);

it(
  'a worker that is killed in the middle of a session loses the session and no task; its transcript stays',
  async () => {
    let sessions = 0;
    api.use(({ turn, first }) => {
      if (!first.includes('Slow')) return finishes;
      if (turn === 0) sessions += 1;
      if (sessions === 1) return uses('run_command', { command: 'sleep 60' });
      return turn === 0 ? makes : finishes;
    });
    const { number } = (await stack.insist('/api/plans', {
      repository: origin,
      plan: planOf('Slow'),
    })) as PlanView;
    await stack.insist(`/api/plans/${number}/execute`);
    await until('the session runs a command', async () => {
      const { items } = await stack.read<OutputView>(`/api/plan-tasks/${number}.1/attempts/1/output`);
      return items.some(({ text }) => text.includes('sleep 60')) ? true : null;
    });
    await stack.kill('executor-worker');
    await stack.event(({ type }) => type === 'plan.completed', number);
    const [task] = (await stack.plan(number)).phases.flatMap(({ tasks }) => tasks);
    expect(task?.attempts.map(({ status }) => status)).toEqual(['lost', 'passed']);
    const lost = await stack.read<TranscriptView>(`/api/plan-tasks/${number}.1/attempts/1/transcript`);
    expect(lost).toMatchObject({ complete: true, items: [{ role: 'user' }, { role: 'assistant' }] });
    expect(await stack.history(number)).toMatchObject({ branch: [expect.anything()] });
  },
  TIMEOUT,
);
