import { createPostgresBackend, Queue, runMigrations, Worker, type PgPool } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Ground } from './ground.js';
import { dependantsOf, type Run, type Shape } from './shape.js';

const SCHEMA = 'bullmq';
const QUEUE = 'bench';
const POOL_SIZE = 12;
const CHUNK = 1_000;

/** What is used of BullMQ's classes, whatever backend is behind them. */
type BenchQueue = Pick<Queue, 'addBulk' | 'close'>;
interface BenchWorker extends Pick<Worker, 'run' | 'close'> {
  on(event: 'completed', listener: () => void): unknown;
  on(event: 'failed', listener: (job: unknown, error: Error) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

interface Connection {
  queue(): BenchQueue;
  worker(process: (task: number) => Promise<void>, concurrency: number): BenchWorker;
  close(): Promise<void>;
}

/**
 * The shape as jobs of BullMQ alone: what waits for nothing is on the queue before the clock starts; a job adds those
 * whose last dependency it was, counted in memory.
 */
export async function runBullMq(ground: Ground, shape: Shape, concurrency: number): Promise<Run> {
  const connection =
    ground.redisUrl === null
      ? await onPostgres(await ground.emptyDatabase('bench_bullmq'))
      : await onRedis(ground.redisUrl);
  const queue = connection.queue();
  try {
    await addAll(queue, shape);
    const open = shape.tasks.map((dependencies) => dependencies.length);
    const dependants = dependantsOf(shape);
    const process = async (task: number) => {
      const free = (dependants[task] ?? []).filter((dependant) => {
        open[dependant] = (open[dependant] ?? 0) - 1;
        return open[dependant] === 0;
      });
      if (free.length > 0) await queue.addBulk(free.map(jobOf));
    };
    return await drain(connection.worker(process, concurrency), shape.tasks.length);
  } finally {
    await queue.close();
    await connection.close();
  }
}

const jobOf = (task: number) => ({ name: 'task', data: { task } });

async function addAll(queue: BenchQueue, { tasks }: Shape): Promise<void> {
  const free = tasks.flatMap((dependencies, task) => (dependencies.length === 0 ? [jobOf(task)] : []));
  for (let first = 0; first < free.length; first += CHUNK)
    await queue.addBulk(free.slice(first, first + CHUNK));
}

async function drain(worker: BenchWorker, count: number): Promise<Run> {
  const completedAt: number[] = [];
  const drained = new Promise<void>((resolve, reject) => {
    worker.on('completed', () => {
      completedAt.push(performance.now());
      if (completedAt.length === count) resolve();
    });
    worker.on('failed', (_, error) => reject(error));
    worker.on('error', reject);
  });
  try {
    const startedAt = performance.now();
    void worker.run();
    await drained;
    return { startedAt, completedAt };
  } finally {
    await worker.close();
  }
}

async function onPostgres(url: string): Promise<Connection> {
  const pool = new pg.Pool({ connectionString: url, max: POOL_SIZE, options: `-c search_path=${SCHEMA}` });
  // A connection that breaks fails the query or the worker that uses it; an idle one nobody misses.
  pool.on('error', () => undefined);
  const client = await pool.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    client.release();
  }
  // pg's own class fits the interface but for an index signature of its options.
  const connection = pool as unknown as PgPool;
  return {
    queue: () => new Queue(QUEUE, { connection }, createPostgresBackend),
    worker: (process, concurrency) =>
      new Worker(
        QUEUE,
        (job) => process(job.data.task as number),
        { connection, concurrency, autorun: false },
        createPostgresBackend,
      ),
    close: () => pool.end(),
  };
}

async function onRedis(url: string): Promise<Connection> {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  await connection.flushdb();
  return {
    queue: () => new Queue(QUEUE, { connection }),
    worker: (process, concurrency) =>
      new Worker(QUEUE, (job) => process(job.data.task as number), {
        connection,
        concurrency,
        autorun: false,
      }),
    close: async () => void (await connection.quit()),
  };
}
