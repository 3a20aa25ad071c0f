import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PlanView } from '#contracts/api/plans.js';
import type { ReviewView } from '#contracts/api/reviews.js';
import type { CostView } from '#contracts/api/spend.js';
import { git } from '#testing/git-repositories.js';
import { environmentOf } from '#testing/process-traces.js';
import { until } from '#testing/running-demo.js';

/** `planwright demo --agent scripted`, as a person starts it: model, stack and sandbox are real processes. */

const TIMEOUT = 180_000;
/** What somebody works with who pays for a model; none of it may reach a demo that asks a script. */
const OWN = {
  ANTHROPIC_API_KEY: 'sk-ant-api03-never-to-be-used',
  ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
  PLANWRIGHT_MODEL: 'a-model-without-a-price',
  PLANWRIGHT_BUDGET_DAY: '0.000001',
  DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
};

interface Told {
  readonly plan: PlanView;
  readonly review: ReviewView;
  readonly applied: readonly number[];
  readonly cost: {
    readonly total: CostView;
    readonly roles: readonly (CostView & { readonly role: string })[];
  };
}

let home: string;

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'planwright-demo-'));
});
afterEach(() => rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));

function start(...args: readonly string[]) {
  const child = spawn(
    process.execPath,
    [path.resolve('dist/apps/cli/main.js'), 'demo', '--agent', 'scripted', '--yes', ...args],
    {
      env: { PATH: process.env['PATH'], HOME: home, PLANWRIGHT_HOME: home, ...OWN },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (out.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (out.stderr += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { child, out, ended };
}

/** Processes of the machine that were told of this data folder. */
async function processesOfHome(): Promise<string[]> {
  const mine = path.join(home, 'scripted-demo');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => environmentOf(Number(pid)).some((each) => each.endsWith(`=${mine}`)));
}

test(
  'a scripted model writes a plan, reviews it and carries it out; every commit is verified and everything has its price',
  async () => {
    const { out, ended } = start('--exit', '--json');
    expect([await ended, out.stderr]).toEqual([0, expect.stringContaining('Applied 2 of 3')]);
    const { plan, review, applied, cost } = JSON.parse(out.stdout) as Told;
    expect(plan.status).toBe('completed');
    expect(review.suggestions.map(({ status }) => status)).toEqual(['applied', 'applied', 'open']);
    expect(applied).toEqual([0, 1]);

    const tasks = plan.phases.flatMap((phase) => phase.tasks);
    expect(tasks.map(({ verified }) => verified)).toEqual([true, true, true, true, true]);
    const [first, ...others] = tasks.map(({ attempts }) => attempts.map(({ failure }) => failure));
    expect(first).toEqual(['verification_failed', null]);
    expect(others).toEqual([[null], [null], [null], [null]]);
    // The rule that turned the first attempt down came with the review.
    expect(tasks[0]?.attempts[0]?.verdict?.violations.map(({ rule }) => rule)).toEqual([
      'no-clock',
      'no-clock',
    ]);
    const log = await git(plan.repository.origin, 'log', '--format=%H', `main..${plan.branch}`);
    expect(log.trim().split('\n').sort()).toEqual(tasks.map(({ commit }) => commit).sort());

    expect(cost.roles.map(({ role }) => role)).toEqual(['planner', 'reviewer', 'executor']);
    for (const { usd } of cost.roles) expect(usd).toBeGreaterThan(0);
    const sum = cost.roles.reduce((so, { usd }) => so + usd, 0);
    expect(sum).toBeCloseTo(cost.total.usd, 6);
    expect(out.stderr).toContain(`Cost $${cost.total.usd.toFixed(2)}`);

    expect(await readdir(home)).toEqual(['scripted-demo']);
    expect(await processesOfHome()).toEqual([]);
  },
  TIMEOUT,
);

test(
  'Ctrl-C while the model works leaves no process',
  async () => {
    const { child, out, ended } = start();
    await until('work', async () => (out.stdout.includes('attempt.started task 1') ? true : null));
    expect((await processesOfHome()).length).toBeGreaterThanOrEqual(4);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(await processesOfHome()).toEqual([]);
    await expect(readFile(path.join(home, 'scripted-demo/run/state.json'))).rejects.toThrow('ENOENT');
  },
  TIMEOUT,
);
