import path from 'node:path';
import type { ClaimedTask, ReadyTasks, TaskContextView } from '#contracts/api/external.js';
import type { TaskDetail } from '#contracts/api/plan-tasks.js';
import type { PlanEventView, PlanView } from '#contracts/api/plans.js';
import { ApiProcess, type Answer } from '#testing/api-process.js';
import { commitAll, createOrigin, git, writeFiles } from '#testing/git-repositories.js';
import { until } from '#testing/running-demo.js';
import { startWorkers, type TestWorkers } from '#testing/test-service.js';

/** Agents that no worker starts, each with a clone of its own, against the real API, verifier and lane. */

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const OLD = 'legacyAuth();\n';

let api: ApiProcess;
let workers: TestWorkers;
let repository: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  workers = await startWorkers(api);
  const files = Object.fromEntries(NAMES.map((name) => [`src/${name}.ts`, OLD]));
  repository = await createOrigin(await api.folder.next('origin'), files);
});
afterAll(async () => {
  await workers.stop();
  await api.stop();
});

const say = (of: string, verb: string, body?: object): Promise<Answer> =>
  api.post(`/api/plan-tasks/${of}/${verb}`, body);
const read = async <T>(route: string): Promise<T> => (await api.get(route)).body as unknown as T;
const detail = (task: string): Promise<TaskDetail> => read(`/api/plan-tasks/${task}`);

/** One task for each file: it alone may be touched. @returns the number of the plan, which runs */
async function started(): Promise<number> {
  const tasks = NAMES.map((name) => ({
    title: `Renew ${name}`,
    executor: { external: {} },
    writes: [`src/${name}.ts`],
    spec: `spec: 1\nrules:\n  - id: renewed\n    scope: { include: [src/${name}.ts] }\n    forbid: { identifiers: [legacyAuth] }\n`,
  }));
  const plan = { name: 'Outside', phases: [{ name: 'One', mode: 'parallel', tasks }] };
  const { body } = await api.post('/api/plans', { repository, plan });
  await api.post(`/api/plans/${String(body['number'])}/execute`);
  return body['number'] as number;
}

/** An agent with a clone of its own. It works only on what its context says. */
class Agent {
  readonly claimed: string[] = [];

  private constructor(
    private readonly plan: number,
    private readonly clone: string,
    private readonly how: 'ref' | 'patch',
  ) {}

  static async of(plan: number, how: 'ref' | 'patch'): Promise<Agent> {
    const clone = await api.folder.next('clone');
    await git(path.dirname(clone), 'clone', '--quiet', repository, clone);
    return new Agent(plan, clone, how);
  }

  /** Takes what is ready until the plan is done. */
  async work(): Promise<void> {
    while ((await read<PlanView>(`/api/plans/${this.plan}`)).status !== 'completed') {
      const { items } = await read<ReadyTasks>(`/api/ready?plan=${this.plan}`);
      for (const { task } of items) await this.take(task);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  private async take(task: string): Promise<void> {
    const claim = await say(task, 'claim', { leaseSeconds: 60 });
    if (claim.status === 409) return;
    this.claimed.push(task);
    const { token = '' } = (claim.body as unknown as ClaimedTask).lease ?? {};
    expect((await this.handIn(task, token)).status).toBe(202);
  }

  /** Makes what the task asks for, and whatever else is given. */
  async handIn(task: string, token: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const context = await read<TaskContextView>(`/api/plan-tasks/${task}/context`);
    const [file = ''] = context.writes;
    await git(this.clone, 'switch', '--quiet', '--force-create', `work-${token}`, 'origin/main');
    await writeFiles(this.clone, { [file]: `export const renewed = '${file}';\n`, ...more });
    const branch = `work-${token}-${Object.keys(more).length}`;
    await commitAll(this.clone, context.title);
    if (this.how === 'patch') {
      const patch = `${await git(this.clone, 'diff', 'origin/main', 'HEAD')}\n`;
      return say(task, 'submit', { patch, token });
    }
    await git(this.clone, 'push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
    return say(task, 'submit', { ref: branch, token });
  }
}

it('two agents side by side finish a plan: no task is held twice, and an abandoned one comes back', async () => {
  const plan = await started();
  const abandoned = `${plan}.1`;
  const left = (await say(abandoned, 'claim', { leaseSeconds: 5 })).body as unknown as ClaimedTask;
  const agents = [await Agent.of(plan, 'ref'), await Agent.of(plan, 'patch')] as const;
  await Promise.all(agents.map((agent) => agent.work()));

  const tasks = NAMES.map((_, index) => `${plan}.${index + 1}`);
  expect(agents.flatMap(({ claimed }) => claimed).sort()).toEqual(tasks);
  for (const task of tasks) {
    const { status, verified, attempts } = await detail(task);
    expect({ task, status, verified }).toEqual({ task, status: 'completed', verified: true });
    const ended = attempts.map((attempt) => attempt.status);
    expect(ended).toEqual(task === abandoned ? ['lost', 'passed'] : ['passed']);
  }
  const late = await agents[0].handIn(abandoned, left.lease?.token ?? '');
  expect(late.status).toBe(409);

  const { eventSeq } = await read<PlanView>(`/api/plans/${plan}`);
  const events = (await api.stream(`/api/plans/${plan}/events`, eventSeq)).map(
    ({ data }) => JSON.parse(data) as PlanEventView,
  );
  expect(events.filter(({ type }) => type === 'task.abandoned')).toMatchObject([{ payload: { task: 1 } }]);
  expect(events.filter(({ type }) => type === 'task.claimed')).toHaveLength(NAMES.length + 1);
});

it.each(['ref', 'patch'] as const)(
  'a %s that exceeds what its task writes is refused by name',
  async (how) => {
    const plan = await started();
    const task = `${plan}.1`;
    const { lease } = (await say(task, 'claim', { leaseSeconds: 600 })).body as unknown as ClaimedTask;
    const token = lease?.token ?? '';
    const agent = await Agent.of(plan, how);
    const refused = await agent.handIn(task, token, { 'src/other.ts': OLD, 'src/b.ts': '' });
    expect(refused).toMatchObject({
      status: 422,
      body: {
        detail: 'The task may write src/a.ts; the work also touches src/b.ts, src/other.ts.',
        errors: [{ path: 'src/b.ts' }, { path: 'src/other.ts' }],
      },
    });
    expect(await detail(task)).toMatchObject({ status: 'claimed', attempts: [{ status: 'running' }] });
    expect((await agent.handIn(task, token)).status).toBe(202);
    const done = await until('the verdict', async () => {
      const now = await detail(task);
      return now.status === 'completed' ? now : null;
    });
    expect(done).toMatchObject({ verified: true, claimedUntil: null });
  },
);

it('what was rejected is told whoever takes the task next, and until when they have it', async () => {
  const plan = await started();
  const task = `${plan}.2`;
  const renamed = 'legacyAuth(2);\n';
  const patch = `--- a/src/b.ts\n+++ b/src/b.ts\n@@ -1 +1 @@\n-${OLD}+${renamed}`;
  expect((await say(task, 'submit', { patch })).status).toBe(202);
  await until('the rejection', async () => ((await detail(task)).status === 'ready' ? true : null));
  const { lease } = (await say(task, 'claim', { leaseSeconds: 600 })).body as unknown as ClaimedTask;
  expect(await detail(task)).toMatchObject({ claimedUntil: lease?.until });
  expect(await read(`/api/plan-tasks/${task}/context`)).toMatchObject({
    violations: [{ rule: 'renewed', file: 'src/b.ts', term: 'legacyAuth' }],
    rejectedDiff: expect.stringContaining('+legacyAuth(2);') as unknown,
    writes: ['src/b.ts'],
  });
});

it('a patch that stands in the plan is applied by a worker and verified; one that does not fit asks for another plan', async () => {
  const patch = (from: string) => `--- a/src/c.ts\n+++ b/src/c.ts\n@@ -1 +1 @@\n-${from}\n+renewed();\n`;
  const spec =
    'spec: 1\nrules:\n  - id: renewed\n    scope: { include: [src/c.ts] }\n    forbid: { identifiers: [legacyAuth] }\n';
  const tasks = [
    { title: 'Apply it', executor: { patch: patch('legacyAuth();') }, spec },
    { title: 'Too late', executor: { patch: patch('legacyAuth();') } },
  ];
  const plan = { name: 'Known', phases: [{ name: 'One', mode: 'sequential', tasks }] };
  const { body } = await api.post('/api/plans', { repository, plan });
  const number = String(body['number']);
  await api.post(`/api/plans/${number}/execute`);
  const paused = await until('the plan pauses', async () => {
    const now = await read<PlanView>(`/api/plans/${number}`);
    return now.status === 'paused' ? now : null;
  });
  expect(paused.pauseReason).toBe('needs_replan');
  expect(await detail(`${number}.1`)).toMatchObject({ status: 'completed', verified: true });
  expect(await detail(`${number}.2`)).toMatchObject({
    status: 'failed',
    attempts: [
      { failure: 'needs_replan', message: expect.stringContaining('src/c.ts, hunk 1 (line 1)') as unknown },
    ],
  });
});
