import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import type { OutputView } from '#contracts/api/sessions.js';
import { CLAUDE_CODE, describeClaudeCode, isOfTheTask } from '#testing/claude-code.js';
import { findFaults } from '#testing/history-checker.js';
import { says, uses, usesAll, type Answer } from '#testing/messages-api/answer.js';
import { startMessagesApi, type MessagesApi } from '#testing/messages-api/messages-api.js';
import { TEST_KEY } from '#testing/messages-api/model-calls.js';
import type { ApiRequest } from '#testing/messages-api/request.js';
import { RunningDemo } from '#testing/running-demo.js';
import { createDemoRepository, DEMO_PLAN } from './demo-repository.js';

interface PlanFile {
  readonly phases: readonly { readonly tasks: readonly { key: string; title: string; executor: object }[] }[];
}

const TIMEOUT = 240_000;
const REPORTS = 'reports-routes';

const bash = (command: string) => uses('Bash', { command, description: 'Works' });
/** A path that is protected, and a tool that the plan does not give it. */
const FORBIDDEN = usesAll([
  { name: 'Write', input: { file_path: '.github/new.yml', content: 'on: push\n' } },
  { name: 'WebFetch', input: { url: 'https://example.com/', prompt: 'What is it?' } },
]);
const REFUSED = [
  /\.github\/new\.yml: CI configuration: this path is protected/,
  /Permission to use WebFetch has been denied/,
];
/** The place that the script for the reports leaves to its reader. */
const MEND = `sed -i -e "s/guard: legacyAuth/guard: (req) => authenticate(req, 'orders:read')/" -e '/import .*legacyAuth/d' src/handlers/reports.ts`;

let demo: RunningDemo;
let api: MessagesApi;

/**
 * Does each task with the script that the demo has for it. Of the reports it does what it must not before, and mends what
 * the verifier says of them.
 */
function modelOf(plan: PlanFile): (request: ApiRequest) => Answer {
  const tasks = plan.phases.flatMap((phase) => phase.tasks);
  return (request) => {
    if (!isOfTheTask(request)) return says('Yes.');
    const task = tasks.find(({ title }) => request.first.includes(`: ${title}\n`));
    if (task === undefined) return says('I do not know this task.');
    const work = bash(`node codemods/${task.key}.mjs`);
    if (request.turn === 0) return task.key === REPORTS ? FORBIDDEN : work;
    if (REFUSED.every((reason) => reason.test(request.last))) return work;
    if (/You are not done yet\.[^]*legacyAuth must not occur/.test(request.last)) return bash(MEND);
    return says('It is done.');
  };
}

/** The plan file of the demo, with Claude Code as the executor of every task. */
async function planFile(): Promise<{ readonly file: string; readonly plan: PlanFile }> {
  const folder = path.join(demo.home, 'plan');
  await cp(path.join(path.dirname(DEMO_PLAN), 'specs'), path.join(folder, 'specs'), { recursive: true });
  const plan = parse(await readFile(DEMO_PLAN, 'utf8')) as PlanFile;
  for (const task of plan.phases.flatMap((phase) => phase.tasks))
    task.executor = {
      agent: 'claude',
      model: 'claude-opus-4-5',
      tools: { allow: ['Bash', 'Write'] },
      timeout: '150s',
    };
  const file = path.join(folder, 'plan.yaml');
  await writeFile(file, stringify(plan));
  return { file, plan };
}

describeClaudeCode(() => {
  beforeEach(async () => {
    api = await startMessagesApi([], { key: TEST_KEY });
    demo = await RunningDemo.create({
      PATH: [CLAUDE_CODE, process.env['PATH']].join(path.delimiter),
      ANTHROPIC_API_KEY: TEST_KEY,
      ANTHROPIC_BASE_URL: api.url,
    });
  });
  afterEach(async () => {
    await demo.remove();
    await api.close();
  });

  test(
    'carries the plan of the demo out to its end: what the verifier finds is mended in the session that made it',
    async () => {
      const { file, plan: written } = await planFile();
      api.use(modelOf(written));
      const repository = await createDemoRepository(path.join(demo.home, 'demo'), process.env['PATH'] ?? '');
      demo.start('up');
      await demo.state();
      const run = demo.start('run', file, '--repo', repository, '--yes');
      expect([await run.ended, run.output.join('')]).toEqual([0, expect.stringContaining('completed')]);

      const history = await demo.publishedHistory();
      expect(findFaults(history)).toEqual([]);
      expect(history.branch).toHaveLength(10);
      const tasks = history.plan.phases.flatMap((phase) => phase.tasks);
      expect(tasks.map(({ status, verified }) => `${status} ${verified}`)).toEqual(
        tasks.map(() => 'completed true'),
      );
      // What another task proved is the verifier's to know.
      const last = tasks.at(-1);
      expect(last?.attempts.map(({ failure }) => failure)).toEqual(['contract_breached', null]);
      for (const { cost, attempts } of tasks) {
        expect(cost?.outputTokens).toBeGreaterThan(0);
        expect(attempts).toHaveLength(attempts === last?.attempts ? 2 : 1);
      }
      const reports = tasks.find(({ key }) => key === REPORTS);
      const shown = await demo.read<OutputView>(`/api/plan-tasks/1.${reports?.number}/attempts/1/output`);
      const text = shown.items.map((item) => item.text).join('');
      expect(text).toMatch(/write to \.github\/new\.yml was refused/);
      expect(text).toMatch(/verifier says: fail[^]*verifier says: pass[^]*It is done\.\n\[session [\w-]+\]/);
    },
    TIMEOUT,
  );
});
