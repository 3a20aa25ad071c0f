import { openQueueBackend } from '#queue/open-queue-backend.js';
import type { QueueConfig } from '#queue/queue-backend.js';
import { hostWorker } from '#queue/worker-host.js';
import { ApiProcess } from '#testing/api-process.js';
import { createOrigin } from '#testing/git-repositories.js';
import { eventually } from '#testing/processes.js';
import { BACKENDS, startTestServer, type TestServer } from '#testing/queues.js';

let redis: TestServer | undefined;
let api: ApiProcess;
let cookie: string;

const PLAN = {
  name: 'Jobs <of> a plan',
  phases: [{ name: 'p', mode: 'parallel', tasks: [{ title: 'A & B', executor: { command: 'true' } }] }],
};

/** As a browser that has signed in. */
async function open(path: string): Promise<{ status: number; type: string; body: string }> {
  const response = await fetch(`${api.url}${path}`, { headers: { cookie } });
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: await response.text(),
  };
}

interface ShownJob {
  readonly id: string;
  readonly data: { readonly planId: string; readonly id: string };
  readonly failedReason?: string;
  readonly externalUrl?: { readonly displayText: string; readonly href: string };
}

interface Task {
  readonly attempts: readonly { readonly jobs: string }[];
}

async function jobs(queue: string, status: string): Promise<ShownJob[]> {
  const query = `activeQueue=${queue}&status=${status}&page=1&jobsPerPage=10`;
  const { queues } = JSON.parse((await open(`/jobs/api/queues?${query}`)).body) as {
    queues: { name: string; jobs: ShownJob[] }[];
  };
  return queues.find(({ name }) => name === queue)?.jobs ?? [];
}

/** The job that waits for an executor: none runs here. */
async function waitingJob(): Promise<ShownJob> {
  const [job] = await jobs('execution', 'waiting');
  if (job === undefined) throw new Error('no job waits');
  return job;
}

describe.each(BACKENDS)('with the queues in %s', (backend) => {
  beforeAll(async () => {
    redis = backend === 'redis' ? await startTestServer(backend) : undefined;
    api = await ApiProcess.start({
      QUEUE_BACKEND: backend,
      ...(redis === undefined ? {} : { REDIS_URL: redis.config.url }),
    });
    const repository = await createOrigin(await api.folder.next('origin'));
    await api.post('/api/plans', { repository, plan: PLAN });
    await api.post('/api/plans/1/execute');
    const entry = await fetch(`${api.url}/jobs?token=${api.token}`, { redirect: 'manual' });
    cookie = (entry.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  });
  afterAll(async () => {
    await api.stop();
    await redis?.remove();
  });

  it('needs the token, also for its data and its scripts', async () => {
    for (const path of ['/jobs', '/jobs/api/queues', '/jobs/static/js/x.js', '/jobs/of/1.1'])
      expect((await fetch(`${api.url}${path}`)).status).toBe(401);
  });

  it('opens in a browser that signed in, with its scripts', async () => {
    const page = await open('/jobs');
    expect(page).toMatchObject({ status: 200, type: expect.stringContaining('text/html') as unknown });
    const script = /src="([^"]+\.js)"/.exec(page.body)?.[1] ?? '';
    expect((await open(new URL(script, `${api.url}/jobs/`).pathname)).status).toBe(200);
  });

  it('shows the queues of all stages', async () => {
    const { queues } = JSON.parse((await open('/jobs/api/queues')).body) as { queues: { name: string }[] };
    expect(queues.map(({ name }) => name).sort()).toEqual([
      'execution',
      'generation',
      'integration',
      'review',
      'verification',
    ]);
  });

  it('links a job to its plan, task and attempt, and these back to the job', async () => {
    const { id, data, externalUrl } = await waitingJob();
    expect(externalUrl?.href).toBe(`/jobs/of/${data.id}`);
    const { body, type } = await open(externalUrl?.href ?? '');
    expect(type).toContain('text/html');
    expect(body).toContain('<a href="/api/plans/1">1 Jobs &lt;of&gt; a plan</a>');
    expect(body).toContain('<a href="/api/plan-tasks/1.1">1.1 A &amp; B</a>');
    expect(body).toContain('Attempt 1: queued');
    expect(body).toContain(`<a href="/jobs/queue/execution/${id}">execute</a>`);
    expect((await open(`/jobs/queue/execution/${id}`)).status).toBe(200);
    expect((await api.get('/api/plan-tasks/1.1')).status).toBe(200);
  });

  it('finds the jobs of a task by its numbers', async () => {
    expect((await open('/jobs/of/1.1')).body).toContain((await waitingJob()).id);
  });

  it('is linked from the attempts of a plan and of a task', async () => {
    const id = (await waitingJob()).id;
    const { phases } = (await api.get('/api/plans/1')).body as unknown as { phases: { tasks: Task[] }[] };
    const { attempts } = (await api.get('/api/plan-tasks/1.1')).body as unknown as Task;
    for (const shown of [attempts, phases[0]?.tasks[0]?.attempts ?? []]) {
      expect(shown).toHaveLength(1);
      expect((await open(shown[0]?.jobs ?? '')).body).toContain(id);
    }
  });

  it.each(['nothing', '9.9', '00000000-0000-4000-8000-000000000000'])(
    'knows no attempt of %s',
    async (reference) => {
      expect(await open(`/jobs/of/${reference}`)).toMatchObject({
        status: 404,
        type: expect.stringContaining('application/problem+json') as unknown,
      });
    },
  );

  it('changes nothing: neither with the cookie nor with the token', async () => {
    const { id } = await waitingJob();
    const path = `/jobs/api/queues/execution/${id}/clean`;
    const send = (headers: Record<string, string>) => fetch(`${api.url}${path}`, { method: 'PUT', headers });
    expect((await send({ cookie })).status).toBe(401);
    expect((await send({ authorization: `Bearer ${api.token}` })).status).toBe(405);
    expect((await waitingJob()).id).toBe(id);
  });

  it('shows a poisoned job that was set aside, with the reason', async () => {
    const config: QueueConfig = redis?.config ?? { backend: 'postgres', url: api.database.url };
    const queues = await openQueueBackend(config, () => {});
    const queue = queues.queue('verification');
    await queue.add('verify', { planId: 'poison' }, { jobId: 'poisoned' });
    const settings = { concurrency: 1, lockMs: 30_000 };
    const host = hostWorker(queues, 'verification', async () => {}, settings);
    await eventually('it is set aside', async () => (await jobs('verification', 'failed')).length > 0);
    await host.stop(5_000);
    await queue.close();
    await queues.close();
    const [job] = await jobs('verification', 'failed');
    expect(job).toMatchObject({
      id: 'poisoned',
      failedReason: expect.stringContaining('payload refused') as unknown,
    });
  });
});
