import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import type { OutputView } from '#contracts/api/sessions.js';
import { CLAUDE_CODE, describeClaudeCode, isOfTheTask } from '#testing/claude-code.js';
import { findFaults } from '#testing/history-checker.js';
import { says, uses, type Answer } from '#testing/messages-api/answer.js';
import { startMessagesApi, type MessagesApi } from '#testing/messages-api/messages-api.js';
import { TEST_KEY } from '#testing/messages-api/model-calls.js';
import type { ApiRequest } from '#testing/messages-api/request.js';
import { RunningDemo } from '#testing/running-demo.js';
import { createDemoRepository, DEMO_PLAN } from './demo-repository.js';

interface PlanFile {
  readonly phases: readonly { readonly tasks: readonly { key: string; title: string; executor: object }[] }[];
}

const TIMEOUT = 170_000;

/** What the model does where its first work is turned down: the scripts of the demo leave a fault in two tasks. */
const MENDS: Readonly<Record<string, { readonly told: RegExp; readonly command: string }>> = {
  'reports-routes': {
    told: /legacyAuth must not occur/,
    command: `sed -i -e "s/guard: legacyAuth/guard: (req) => authenticate(req, 'orders:read')/" -e '/import .*legacyAuth/d' src/handlers/reports.ts`,
  },
  'remove-legacy': {
    told: /contract:access-guide\.guide/,
    command: 'node codemods/access-guide.mjs',
  },
};

let demo: RunningDemo;
let api: MessagesApi;

const bash = (command: string) => uses('Bash', { command, description: 'Works' });

/** Does each task with the script that the demo has for it, and mends what the verifier says. */
function modelOf(plan: PlanFile): (request: ApiRequest) => Answer {
  const tasks = plan.phases.flatMap((phase) => phase.tasks);
  return (request) => {
    if (!isOfTheTask(request)) return says('Yes.');
    const task = tasks.find(({ title }) => request.first.includes(`: ${title}\n`));
    if (task === undefined) return says('I do not know this task.');
    if (request.turn === 0) return bash(`node codemods/${task.key}.mjs`);
    const { told, command } = MENDS[task.key] ?? {};
    return told?.test(request.last) === true && command !== undefined ? bash(command) : says('It is done.');
  };
}

/** The plan file of the demo, with Claude Code as the executor of every task. */
async function planFile(): Promise<{ readonly file: string; readonly plan: PlanFile }> {
  const folder = path.join(demo.home, 'plan');
  await cp(path.join(path.dirname(DEMO_PLAN), 'specs'), path.join(folder, 'specs'), { recursive: true });
  const plan = parse(await readFile(DEMO_PLAN, 'utf8')) as PlanFile;
  for (const task of plan.phases.flatMap((phase) => phase.tasks))
    task.executor = { agent: 'claude', model: 'claude-opus-4-5', timeout: '150s' };
  const file = path.join(folder, 'plan.yaml');
  await writeFile(file, stringify(plan));
  return { file, plan };
}

describeClaudeCode('Claude Code', () => {
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
      expect(tasks.flatMap(({ attempts }) => attempts.map(({ failure }) => failure))).toEqual(
        tasks.map(() => null),
      );
      for (const { cost } of tasks) expect(cost?.outputTokens).toBeGreaterThan(0);
      for (const { number } of tasks.filter(({ key }) => key in MENDS)) {
        const shown = await demo.read<OutputView>(`/api/plan-tasks/1.${number}/attempts/1/output`);
        const text = shown.items.map((item) => item.text).join('');
        expect(text).toMatch(/verifier says: fail[^]*verifier says: pass[^]*\[session /);
      }
    },
    TIMEOUT,
  );
});
