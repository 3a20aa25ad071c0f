import { Queue, Worker, type BackendFactory, type ConnectionOptions, type Processor } from 'bullmq';
import type { QueueName } from '#contracts/queue/jobs.js';
import type { BackendQueue, BackendWorker, QueueBackend, WorkerSettings } from './queue-backend.js';

/** How soon a worker asks again after its connection broke: the reconciler must not wait for it. */
export const RETRY_MS = 500;

/** A worker that missed its wake-up call looks by itself after this time. */
const LOOK_SECONDS = 2;

/**
 * Delivery is at most once here: whether work is repeated is decided in the store, never by the queue. What is done
 * leaves the queue, so that a Redis does not grow.
 */
const JOB_OPTIONS = {
  attempts: 1,
  removeOnComplete: { age: 3_600, count: 1_000 },
  removeOnFail: { age: 86_400, count: 1_000 },
};

/** Nobody follows BullMQ's own events. */
const EVENTS_KEPT = 100;

/** How BullMQ reaches one of its backends. */
export interface BullConnections {
  readonly factory: BackendFactory;
  /** For queues: an operation fails when the server is away. */
  readonly queues: unknown;
  /** For workers: an operation may wait for the server. */
  readonly workers: unknown;
  /** Options that queues and workers have in common. */
  readonly options: { readonly prefix?: string; readonly skipVersionCheck?: boolean };
  /** Whether a queue may be used before its connection is known to be ready. */
  readonly skipWaitingForReady?: boolean;
}

/** Queues and workers with the same settings, whichever server is behind them. */
export class BullBackend implements QueueBackend {
  constructor(
    private readonly connections: BullConnections,
    private readonly onError: (error: Error) => void,
    readonly close: () => Promise<void>,
  ) {}

  queue(name: QueueName): BackendQueue {
    const { factory, queues, options, skipWaitingForReady = false } = this.connections;
    const queue = new Queue(
      name,
      {
        ...options,
        skipWaitingForReady,
        connection: queues as ConnectionOptions,
        defaultJobOptions: JOB_OPTIONS,
        streams: { events: { maxLen: EVENTS_KEPT } },
      },
      factory,
    );
    queue.on('error', this.onError);
    return queue;
  }

  worker(name: QueueName, process: Processor, { concurrency, lockMs }: WorkerSettings): BackendWorker {
    const { factory, workers, options } = this.connections;
    const worker = new Worker(
      name,
      process,
      {
        ...options,
        connection: workers as ConnectionOptions,
        // Its loop would spin without a pause on a connection that did not become ready.
        autorun: false,
        concurrency,
        lockDuration: lockMs,
        stalledInterval: lockMs,
        maxStalledCount: 0,
        drainDelay: LOOK_SECONDS,
        runRetryDelay: RETRY_MS,
      },
      factory,
    );
    worker.on('error', this.onError);
    let running = Promise.resolve();
    const run = async () => {
      try {
        await worker.waitUntilReady();
        await worker.run();
      } catch (error) {
        this.onError(error as Error);
      }
    };
    return {
      run: () => (running = run()),
      // BullMQ's own waiting would open its connection again after a close() that overtook it.
      pause: async () => {
        await worker.pause(true);
        await worker.getBackend().disconnectBlocking(true);
        await running;
      },
      close: () => worker.close(true),
    };
  }
}
