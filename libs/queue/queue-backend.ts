import type { Processor, Queue } from 'bullmq';
import type { QueueName } from '#contracts/queue/jobs.js';

/** Where the queues live. A Redis prefix other than the product's own keeps tests apart that share a server. */
export type QueueConfig =
  | { readonly backend: 'postgres'; readonly url: string }
  | { readonly backend: 'redis'; readonly url: string; readonly prefix?: string };

/** What is used of a queue, whatever backend is behind it. */
export type BackendQueue = Pick<Queue, 'add' | 'getJobState' | 'close'>;

export interface BackendWorker {
  /** Takes jobs until it is paused or closed, or until something broke it for good. Never rejects. */
  run(): Promise<void>;
  /** Takes no new job; resolves when the running ones have ended. */
  pause(): Promise<void>;
  /** Lets go of whatever still runs. */
  close(): Promise<void>;
}

/** One is opened per process; all its queues and workers share it. */
export interface QueueBackend {
  queue(name: QueueName): BackendQueue;
  worker(name: QueueName, process: Processor, settings: WorkerSettings): BackendWorker;
  close(): Promise<void>;
}

export interface WorkerSettings {
  readonly concurrency: number;
  readonly lockMs: number;
}
