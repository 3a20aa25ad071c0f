import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PlanEventView, PlanView } from '#contracts/api/plans.js';
import { EXAMPLE_PLAN, exampleRepository } from './example-repository.js';
import { git } from './git-repositories.js';
import type { History } from './history-checker.js';
import type { BackendName } from './queues.js';

const PACKAGE_ROOT = process.cwd();
const CLI = path.join(PACKAGE_ROOT, 'dist/apps/cli/main.js');

interface RunState {
  readonly url?: string;
  readonly databaseUrl?: string;
  readonly supervisor: { readonly pid: number };
  readonly postgres?: { readonly pid: number };
  readonly redis?: { readonly pid: number };
  readonly queue?: { readonly backend: BackendName; readonly url: string };
  readonly services: readonly { readonly name: string; readonly pid: number }[];
}

/**
 * The real program on a data folder of its own, as a person would start it. PLANWRIGHT_TEST_BACKEND says where its
 * queues are, unless the test does.
 */
export class RunningDemo {
  private readonly processes: { child: ChildProcess; ended: Promise<number | null>; output: string[] }[] = [];

  private constructor(
    readonly home: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async create(env: Readonly<Record<string, string>>): Promise<RunningDemo> {
    const home = await mkdtemp(path.join(tmpdir(), 'planwright-demo-'));
    return new RunningDemo(home, {
      PATH: process.env['PATH'],
      HOME: home,
      PLANWRIGHT_HOME: home,
      QUEUE_BACKEND: process.env['PLANWRIGHT_TEST_BACKEND'],
      ...env,
    });
  }

  /** What a worker beside it needs to have the same. */
  get leaseEnv(): Readonly<Record<string, string>> {
    const lease = this.env['PLANWRIGHT_LEASE_MS'];
    return lease === undefined ? {} : { PLANWRIGHT_LEASE_MS: lease };
  }

  /** Starts the program; several may be started after each other. */
  start(...args: readonly string[]): { readonly ended: Promise<number | null>; readonly output: string[] } {
    const child = spawn(process.execPath, [CLI, ...args], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    const process_ = { child, ended, output };
    this.processes.push(process_);
    return process_;
  }

  /** Starts the stack, and the plan of the demo with whatever it asks approved. @returns the stack's process */
  async startPlan(): Promise<{ readonly output: string[] }> {
    const stack = this.start('up');
    await this.state();
    const origin = await exampleRepository(await mkdtemp(path.join(this.home, 'origin-')));
    this.start('run', EXAMPLE_PLAN, '--repo', origin, '--yes');
    return stack;
  }

  async state(): Promise<RunState> {
    return until('the stack runs', async () => {
      const text = await readFile(path.join(this.home, 'run/state.json'), 'utf8').catch(() => null);
      const state = text === null ? null : (JSON.parse(text) as RunState);
      return state?.url === undefined ? null : state;
    });
  }

  /** A signal to one service, to Postgres' postmaster, or to Redis. */
  async kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const state = await this.state();
    const pid =
      name === 'postgres' || name === 'redis'
        ? state[name]?.pid
        : state.services.find((service) => service.name === name)?.pid;
    if (pid === undefined) throw new Error(`no process ${name} in ${JSON.stringify(state)}`);
    process.kill(pid, signal);
  }

  /** SIGKILL to everything at once, the supervisor first so that it can mend nothing. */
  async killAll(): Promise<void> {
    const state = await this.state();
    const servers = [state.postgres?.pid, state.redis?.pid];
    const pids = [state.supervisor.pid, ...state.services.map((service) => service.pid), ...servers];
    for (const pid of pids) if (pid !== undefined) process.kill(pid, 'SIGKILL');
  }

  /** Waits until the plan has an event that fits. */
  async event(fits: (event: PlanEventView) => boolean, number = 1): Promise<PlanEventView> {
    return until('an event', async () => (await this.events(number)).find(fits) ?? null);
  }

  async plan(number = 1): Promise<PlanView> {
    return this.read(`/api/plans/${number}`);
  }

  /** Asks until the API answers. */
  async read<T>(route: string): Promise<T> {
    return until(`an answer to ${route}`, async () => {
      const response = await this.get(route);
      return response === null || !response.ok ? null : ((await response.json()) as T);
    });
  }

  async approve(task: number): Promise<void> {
    await this.post(`/api/plan-tasks/1.${task}/approve`);
  }

  /**
   * @param at another API than the stack's own
   * @returns the answer; null when the API died over it or does not run
   */
  async post(
    route: string,
    body: unknown = {},
    at?: string,
  ): Promise<{ readonly status: number; readonly body: unknown } | null> {
    const { url } = await this.state();
    const token = (await readFile(path.join(this.home, 'token'), 'utf8')).trim();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    try {
      const sent = {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(30_000),
      };
      const response = await fetch(`${at ?? url}${route}`, sent);
      return { status: response.status, body: await response.json() };
    } catch {
      return null;
    }
  }

  /** Asks again until the API takes it, as a person would to whom it did not answer. */
  async insist(route: string, body?: unknown): Promise<unknown> {
    return until(`an answer to ${route}`, async () => {
      const answer = await this.post(route, body);
      if (answer === null || answer.status >= 500) return null;
      if (answer.status >= 400) throw new Error(`${route}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    });
  }

  /** What really happened: the API's record, and the branch in the hub. */
  async history(number = 1): Promise<History> {
    const plan = await this.plan(number);
    const hub = path.join(this.home, 'hubs', `${plan.repository.id}.git`);
    return { plan, events: await this.events(number), branch: await this.log(hub, plan) };
  }

  /** The same, once the person's repository has the branch as the hub has it. */
  async publishedHistory(number = 1): Promise<History> {
    await until('the publication', async () => {
      const { publishedCommit, baseCommit, tipCommit } = await this.plan(number);
      return (publishedCommit ?? baseCommit) === tipCommit ? true : null;
    });
    const history = await this.history(number);
    const published = await this.log(history.plan.repository.origin, history.plan);
    if (JSON.stringify(published) !== JSON.stringify(history.branch))
      throw new Error('the origin and the hub do not hold the same branch');
    return history;
  }

  /** Ends whatever still runs and removes the data folder. */
  async remove(): Promise<void> {
    for (const { child } of this.processes)
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await Promise.all(this.processes.map(({ ended }) => ended));
    await rm(this.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  private async log(repository: string, plan: PlanView) {
    // Where nothing has landed there is no branch.
    if (plan.tipCommit === plan.baseCommit) return [];
    const range = `${plan.baseCommit}..refs/heads/${plan.branch}`;
    const text = await git(
      repository,
      '-c',
      'safe.directory=*',
      'log',
      '--reverse',
      '--format=%H%x00%B%x01',
      range,
      '--',
    );
    return text
      .split('\x01')
      .map((entry) => entry.trim().split('\0'))
      .filter(([sha]) => sha !== undefined && sha !== '')
      .map(([sha = '', message = '']) => ({ sha, message }));
  }

  /** All events so far, read from the stream, which ends when it is silent. */
  async events(number = 1): Promise<PlanEventView[]> {
    const response = await this.get(`/api/plans/${number}/events`);
    if (response === null || !response.ok || response.body === null) return [];
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      let timer: NodeJS.Timeout | undefined;
      const silence = new Promise<null>((resolve) => {
        timer = setTimeout(() => resolve(null), 250);
      });
      const chunk = await Promise.race([reader.read().catch(() => null), silence]);
      clearTimeout(timer);
      if (chunk === null || chunk.done) break;
      text += decoder.decode(chunk.value, { stream: true });
    }
    await reader.cancel().catch(() => undefined);
    return [...text.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? '{}') as PlanEventView);
  }

  private async get(route: string): Promise<Response | null> {
    const { url } = await this.state();
    return fetch(`${url}${route}`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
  }
}

/** Asks until there is an answer. */
export async function until<T>(what: string, ask: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < 600; tries += 1) {
    const answer = await ask();
    if (answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited in vain for ${what}`);
}
