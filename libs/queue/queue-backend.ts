import { createPostgresBackend, Queue, runMigrations, Worker, type PgPool, type Processor } from 'bullmq';
import pg from 'pg';
import type { QueueName } from '#contracts/queue/jobs.js';

/** What is used of BullMQ's classes, whatever backend is behind them. */
export type BackendQueue = Pick<Queue, 'add' | 'getJobState' | 'close'>;
export type BackendWorker = Pick<Worker, 'pause' | 'close'>;

/** Where the queues live. One is opened per process; all its queues and workers share it. */
export interface QueueBackend {
  queue(name: QueueName): BackendQueue;
  worker(name: QueueName, process: Processor, options: WorkerSettings): BackendWorker;
  close(): Promise<void>;
}

export interface WorkerSettings {
  readonly concurrency: number;
  readonly lockMs: number;
}

const SCHEMA = 'bullmq';
/** A worker holds one connection to listen on; the rest serve queries. */
const POOL_SIZE = 12;
/** How soon a worker asks again after its connection broke: the reconciler must not wait for it. */
const RETRY_MS = 500;

/** Delivery is at most once here: whether work is repeated is decided in the store, never by the queue. */
const JOB_OPTIONS = {
  attempts: 1,
  removeOnComplete: { age: 3_600, count: 1_000 },
  removeOnFail: { age: 86_400, count: 1_000 },
};

/**
 * BullMQ on Postgres, in a schema of its own that is brought up to date first (safe from several processes at once).
 *
 * @param onError told of connections that break; they mend themselves
 */
export async function openPostgresBackend(
  url: string,
  onError: (error: Error) => void,
): Promise<QueueBackend> {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    options: `-c search_path=${SCHEMA}`,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  });
  pool.on('error', onError);
  const client = await pool.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    client.release();
  }
  // pg's own class fits the interface but for an index signature of its options.
  const connection = pool as unknown as PgPool;
  return {
    queue(name) {
      const queue = new Queue(name, { connection, defaultJobOptions: JOB_OPTIONS }, createPostgresBackend);
      queue.on('error', onError);
      return queue;
    },
    worker(name, process, { concurrency, lockMs }) {
      const worker = new Worker(
        name,
        process,
        {
          connection,
          concurrency,
          lockDuration: lockMs,
          stalledInterval: lockMs,
          maxStalledCount: 0,
          runRetryDelay: RETRY_MS,
        },
        createPostgresBackend,
      );
      worker.on('error', onError);
      return worker;
    },
    close: () => pool.end(),
  };
}
