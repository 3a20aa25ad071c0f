import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { createHome } from '#platform/home/home.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#platform/postgres/embedded-postgres.js';
import { startRedis, type RedisServer } from '#platform/redis/redis-server.js';
import type { QueueConfig } from '#queue/queue-backend.js';
import { createTestDatabase } from './postgres.js';

export const BACKENDS = ['postgres', 'redis'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** A place for the queues of one test alone. */
export interface TestQueues {
  readonly config: QueueConfig;
  drop(): Promise<void>;
}

/** On the servers of this Jest run: a database of its own, or a prefix of its own. */
export async function createTestQueues(backend: BackendName): Promise<TestQueues> {
  if (backend === 'postgres') {
    const database = await createTestDatabase();
    return { config: { backend, url: database.url }, drop: () => database.drop() };
  }
  const url = process.env['PLANWRIGHT_TEST_REDIS'];
  if (url === undefined) throw new Error('PLANWRIGHT_TEST_REDIS is not set: run the tests with `npm test`');
  const prefix = `{test-${randomBytes(8).toString('hex')}}`;
  return { config: { backend, url, prefix }, drop: () => removeKeys(url, prefix) };
}

/** A server that belongs to one test, which may kill it. */
export interface TestServer {
  readonly config: QueueConfig;
  /** As the machine would end it: nobody is told. Resolves when the server is gone. */
  kill(): Promise<void>;
  /** Starts it again at the same address. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

export async function startTestServer(backend: BackendName): Promise<TestServer> {
  const parent = await mkdtemp(path.join(tmpdir(), 'planwright-server-'));
  const home = await createHome(path.join(parent, 'home'));
  const log = () => undefined;
  const launch = (): Promise<EmbeddedPostgres | RedisServer> =>
    backend === 'postgres'
      ? startEmbeddedPostgres({ home, log })
      : startRedis({ home, log, path: process.env['PATH'] ?? '' });
  let server = await launch();
  return {
    config: { backend, url: server.url },
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
    },
    async start() {
      const { url } = server;
      server = await launch();
      if (server.url !== url) throw new Error('The server came back at another address');
    },
    async remove() {
      await server.stop();
      const outside = 'dataDir' in server ? [path.dirname(server.dataDir)] : [];
      for (const folder of [parent, ...outside]) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Forgets everything that a Redis holds, under the feet of those who use it. */
export async function flushRedis(url: string): Promise<void> {
  await withRedis(url, (client) => client.flushall());
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  await withRedis(url, async (client) => {
    const keys = (await client.keys(`${prefix}:*`)) as string[];
    if (keys.length > 0) await client.del(keys);
  });
}

async function withRedis(url: string, use: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(url, { lazyConnect: true });
  // What fails for it is thrown below.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await use(client);
  } finally {
    client.disconnect();
  }
}
