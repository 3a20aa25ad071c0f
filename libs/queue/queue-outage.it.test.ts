import { inspect } from 'node:util';
import { v7 as uuid } from 'uuid';
import type { JobPayload } from '#contracts/queue/jobs.js';
import type { Delivery } from '#engine/ports/queue.port.js';
import { eventually } from '#testing/processes.js';
import { BACKENDS, flushRedis, startTestServer, type TestServer } from '#testing/queues.js';
import { openQueueBackend, whyQueueIsSilent } from './open-queue-backend.js';
import { BullQueue } from './queue-adapter.js';
import type { QueueBackend } from './queue-backend.js';
import { hostWorker, type WorkerHost } from './worker-host.js';

const SETTINGS = { concurrency: 2, lockMs: 30_000 };

const delivery = (): Delivery => ({ stage: 'execute', planId: uuid(), id: uuid(), delivery: 1 });

let server: TestServer;
let backend: QueueBackend;
let queue: BullQueue;
let hosts: WorkerHost[];
let heard: string[];

async function open(kind: (typeof BACKENDS)[number]): Promise<void> {
  server = await startTestServer(kind);
  backend = await openQueueBackend(server.config, () => {});
  queue = new BullQueue(backend);
  hosts = [];
  heard = [];
}

afterEach(async () => {
  await Promise.all(hosts.map((host) => host.stop(1_000)));
  await queue.close();
  await backend.close();
  await server.remove();
});

function listen(
  handle: (payload: JobPayload) => Promise<void> = async ({ id }) => void heard.push(id),
): WorkerHost {
  const host = hostWorker(backend, 'execution', handle, SETTINGS);
  hosts.push(host);
  return host;
}

/** As the outbox does it: again until it is accepted. */
async function deliverAtLast(sent: Delivery): Promise<void> {
  await eventually('a delivery is accepted', () =>
    queue.deliver(sent).then(
      () => true,
      () => false,
    ),
  );
}

async function expectHeard(): Promise<void> {
  const sent = delivery();
  await deliverAtLast(sent);
  await eventually('it is heard', () => heard.includes(sent.id));
}

describe.each(BACKENDS)('while %s is away', (kind) => {
  beforeEach(() => open(kind));

  test('a worker that waited hears again, and a delivery meanwhile is refused rather than held', async () => {
    listen();
    await expectHeard();
    await server.kill();
    await expect(queue.deliver(delivery())).rejects.toThrow();
    await expect(queue.isWaiting(delivery())).rejects.toThrow();
    await server.start();
    await expectHeard();
  });

  test('a queue and a worker that are opened meanwhile work later', async () => {
    await server.kill();
    listen();
    await expect(queue.deliver(delivery())).rejects.toThrow();
    await server.start();
    await expectHeard();
  });

  test('a job that runs goes on to its end, and its worker goes on after it', async () => {
    let go = () => {};
    const gate = new Promise<void>((resolve) => (go = resolve));
    let ended = false;
    listen(async ({ id }) => {
      heard.push(id);
      if (heard.length > 1) return;
      await gate;
      ended = true;
    });
    const sent = delivery();
    await queue.deliver(sent);
    await eventually('the job runs', () => heard.length > 0);
    await server.kill();
    go();
    await eventually('the job ends', () => ended);
    await server.start();
    await expectHeard();
  });

  test('a worker can be stopped', async () => {
    const host = listen();
    await expectHeard();
    await server.kill();
    await host.stop(200);
    await server.start();
    const sent = delivery();
    await deliverAtLast(sent);
    expect(await queue.isWaiting(sent)).toBe(true);
  });

  test('whoever asks is told so, and is not told a password', async () => {
    expect(await whyQueueIsSilent(server.config)).toBeNull();
    await server.kill();
    const reason = await whyQueueIsSilent(server.config);
    expect(reason).not.toBeNull();
    expect(reason).not.toContain(new URL(server.config.url).password);
    await server.start();
  });
});

describe('on a Redis', () => {
  beforeEach(() => open('redis'));

  test('what a flush took waits no longer, and the next delivery is heard', async () => {
    const sent = delivery();
    await queue.deliver(sent);
    expect(await queue.isWaiting(sent)).toBe(true);
    await flushRedis(server.config.url);
    expect(await queue.isWaiting(sent)).toBe(false);
    listen();
    await expectHeard();
    await flushRedis(server.config.url);
    await deliverAtLast(sent);
    await eventually('it is heard', () => heard.includes(sent.id));
  });

  test('a flush while a job runs neither stops nor repeats it, nor ends its worker', async () => {
    let go = () => {};
    const gate = new Promise<void>((resolve) => (go = resolve));
    listen(async ({ id }) => {
      heard.push(id);
      if (heard.length === 1) await gate;
    });
    const first = delivery();
    await queue.deliver(first);
    await eventually('it runs', () => heard.length > 0);
    await flushRedis(server.config.url);
    go();
    await expectHeard();
    expect(heard.filter((id) => id === first.id)).toHaveLength(1);
  });

  test('a wrong password is an error that names the server and repeats no password', async () => {
    const url = new URL(server.config.url);
    url.password = 'wrong-password';
    const errors: unknown[] = [];
    const attempt = openQueueBackend({ backend: 'redis', url: url.href }, (error) => errors.push(error));
    await expect(attempt).rejects.toThrow(url.host);
    await expect(attempt).rejects.not.toThrow('wrong-password');
    expect(errors).not.toHaveLength(0);
    expect(inspect(errors, { depth: 10 })).not.toContain('wrong-password');
  });
});
