import type { Queue } from 'bullmq';
import { v7 as uuid } from 'uuid';
import type { JobPayload } from '#contracts/queue/jobs.js';
import type { Delivery } from '#engine/ports/queue.port.js';
import { eventually } from '#testing/processes.js';
import { BACKENDS, createTestQueues, type TestQueues } from '#testing/queues.js';
import { openQueueBackend } from './open-queue-backend.js';
import { BullQueue } from './queue-adapter.js';
import type { QueueBackend } from './queue-backend.js';
import { hostWorker, type WorkerHost } from './worker-host.js';

const SETTINGS = { concurrency: 2, lockMs: 30_000 };

describe.each(BACKENDS)('on %s', (kind) => {
  let queues: TestQueues;
  let backend: QueueBackend;
  let queue: BullQueue;
  let hosts: WorkerHost[];

  beforeEach(async () => {
    queues = await createTestQueues(kind);
    backend = await openQueueBackend(queues.config, () => {});
    queue = new BullQueue(backend);
    hosts = [];
  });

  afterEach(async () => {
    await Promise.all(hosts.map((host) => host.stop(5_000)));
    await queue.close();
    await backend.close();
    await queues.drop();
  });

  function work(handle: (payload: JobPayload) => Promise<void>): WorkerHost {
    const host = hostWorker(backend, 'execution', handle, SETTINGS);
    hosts.push(host);
    return host;
  }

  /** A worker that remembers the ids it was given. */
  function listen(): string[] {
    const heard: string[] = [];
    work(async ({ id }) => {
      heard.push(id);
    });
    return heard;
  }

  const delivery = (over: Partial<Delivery> = {}): Delivery => ({
    stage: 'execute',
    planId: uuid(),
    id: uuid(),
    delivery: 1,
    ...over,
  });

  /** Everything delivered before this has been handled, or never will be: jobs of one queue start in order. */
  async function drain(heard: readonly string[]): Promise<void> {
    const last = delivery();
    await queue.deliver(last);
    await eventually('the last delivery is heard', () => heard.includes(last.id));
  }

  it('brings the ids, and nothing else, to the handler', async () => {
    const heard: JobPayload[] = [];
    work(async (payload) => {
      heard.push(payload);
    });
    const sent = delivery();
    await queue.deliver(sent);
    await eventually('the delivery is heard', () => heard.length > 0);
    expect(heard).toEqual([{ planId: sent.planId, id: sent.id }]);
  });

  it('runs the same delivery once, however often it is added', async () => {
    const sent = delivery();
    await queue.deliver(sent);
    await Promise.all([queue.deliver(sent), queue.deliver(sent)]);
    const heard = listen();
    await drain(heard);
    await queue.deliver(sent);
    await drain(heard);
    expect(heard.filter((id) => id === sent.id)).toHaveLength(1);
  });

  it('runs again under a fresh delivery number', async () => {
    const heard = listen();
    const sent = delivery();
    await queue.deliver(sent);
    await drain(heard);
    await queue.deliver({ ...sent, delivery: 2 });
    await drain(heard);
    expect(heard.filter((id) => id === sent.id)).toHaveLength(2);
  });

  it('keeps stages on queues of their own', async () => {
    const heard = listen();
    const sent = delivery({ stage: 'verify' });
    await queue.deliver(sent);
    await drain(heard);
    expect(heard).not.toContain(sent.id);
    expect(await queue.isWaiting(sent)).toBe(true);
  });

  it.each([
    ['no ids', {}],
    ['no uuid', { planId: 'x', id: 'y' }],
    ['more than ids', { planId: uuid(), id: uuid(), command: 'rm -rf /' }],
    ['text', 'poison'],
    ['null', null],
  ])('sets a poisoned payload aside (%s), says why, and goes on', async (name, data) => {
    const heard = listen();
    const raw = backend.queue('execution') as Queue;
    const jobId = `poison-${name.replaceAll(' ', '-')}`;
    await raw.add('execute', data, { jobId });
    await drain(heard);
    await eventually('the poison is set aside', async () => (await raw.getJobState(jobId)) === 'failed');
    const job = await raw.getJob(jobId);
    await raw.close();
    expect(job?.failedReason).toContain('payload refused');
    expect(job?.attemptsMade).toBe(1);
    expect(heard).toHaveLength(1);
  });

  it('goes on after a handler that throws, and never tries that job again', async () => {
    const tried: string[] = [];
    work(async ({ id }) => {
      tried.push(id);
      throw new Error('of its own');
    });
    const [first, second] = [delivery(), delivery()];
    await queue.deliver(first);
    await queue.deliver(second);
    await drain(tried);
    expect(tried.filter((id) => id === first.id)).toHaveLength(1);
    expect(tried).toContain(second.id);
  });

  it('says whether a delivery still waits: before it runs yes; while it runs, after it and for an unknown one no', async () => {
    const sent = delivery();
    await queue.deliver(sent);
    expect(await queue.isWaiting(sent)).toBe(true);
    let go = () => {};
    const gate = new Promise<void>((resolve) => (go = resolve));
    const started: string[] = [];
    work(async ({ id }) => {
      started.push(id);
      await gate;
    });
    await eventually('it runs', () => started.includes(sent.id));
    expect(await queue.isWaiting(sent)).toBe(false);
    go();
    await drain(started);
    expect(await queue.isWaiting(sent)).toBe(false);
    expect(await queue.isWaiting({ ...sent, delivery: 2 })).toBe(false);
  });

  it('stop waits for what runs; after it, the worker takes nothing', async () => {
    let go = () => {};
    const gate = new Promise<void>((resolve) => (go = resolve));
    const log: string[] = [];
    const host = work(async ({ id }) => {
      log.push(`start ${id}`);
      await gate;
      log.push(`end ${id}`);
    });
    const [running, late] = [delivery(), delivery()];
    await queue.deliver(running);
    await eventually('it runs', () => log.length > 0);
    const stopped = host.stop(30_000).then(() => log.push('stopped'));
    go();
    await stopped;
    const expected = [`start ${running.id}`, `end ${running.id}`, 'stopped'];
    expect(log).toEqual(expected);
    await queue.deliver(late);
    expect(await queue.isWaiting(late)).toBe(true);
    await drain(listen());
    expect(log).toEqual(expected);
  });

  it('stop lets go of what does not end within the grace period', async () => {
    let started = false;
    let release = () => {};
    const host = hostWorker(
      backend,
      'execution',
      () =>
        new Promise<void>((resolve) => {
          started = true;
          release = resolve;
        }),
      SETTINGS,
    );
    await queue.deliver(delivery());
    await eventually('the job runs', () => started);
    await host.stop(50);
    release();
  });

  it('keeps a bounded number of jobs that are done', async () => {
    const heard = listen();
    const raw = backend.queue('execution') as Queue;
    const data = () => ({ planId: uuid(), id: uuid() });
    for (let batch = 0; batch < 3; batch += 1)
      await raw.addBulk(Array.from({ length: 400 }, () => ({ name: 'execute', data: data() })));
    await drain(heard);
    expect(heard).toHaveLength(1_201);
    // Jobs that end at the same moment do not see each other: a few more than the bound may stay.
    await eventually('what is too many is gone', async () => (await raw.getCompletedCount()) <= 1_100);
    await raw.close();
  });

  it('several processes may open an empty backend at once', async () => {
    const empty = await createTestQueues(kind);
    const backends = await Promise.all(
      Array.from({ length: 4 }, () => openQueueBackend(empty.config, () => {})),
    );
    const sent = delivery();
    const [sender, looker] = [backends[0], backends[3]].map((one) => new BullQueue(one as QueueBackend));
    await sender?.deliver(sent);
    expect(await looker?.isWaiting(sent)).toBe(true);
    await Promise.all([sender?.close(), looker?.close()]);
    await Promise.all(backends.map((one) => one.close()));
    await empty.drop();
  });
});
