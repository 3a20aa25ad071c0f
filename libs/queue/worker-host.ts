import { setTimeout as sleep } from 'node:timers/promises';
import { UnrecoverableError, type Job } from 'bullmq';
import { jobPayloadSchema, type JobPayload, type QueueName } from '#contracts/queue/jobs.js';
import { RETRY_MS } from './bull-backend.js';
import type { BackendWorker, QueueBackend, WorkerSettings } from './queue-backend.js';

export interface WorkerHost {
  /** Takes no new job, waits for the running ones up to the grace period, then lets go of them. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Runs `handle` for each job of a queue until it is stopped, by another worker when one broke. A payload that does not
 * fit the schema is set aside as failed; it is never tried again and never stops the worker.
 */
export function hostWorker(
  backend: QueueBackend,
  queue: QueueName,
  handle: (payload: JobPayload) => Promise<void>,
  settings: WorkerSettings,
): WorkerHost {
  const open = () => backend.worker(queue, (job) => receive(job, handle), settings);
  let stopping = false;
  let worker: BackendWorker = open();
  const keep = async (): Promise<void> => {
    for (;;) {
      await worker.run();
      if (stopping) return;
      await worker.close();
      await sleep(RETRY_MS, undefined, { ref: false });
      if (stopping) return;
      worker = open();
    }
  };
  void keep();
  return {
    async stop(graceMs) {
      stopping = true;
      const late = new AbortController();
      // Not close(): it would not wait. A worker that cannot reach its server may not end by itself.
      const idle = worker.pause().catch(() => undefined);
      await Promise.race([idle, sleep(graceMs, undefined, { signal: late.signal }).catch(() => undefined)]);
      late.abort();
      await worker.close();
    },
  };
}

async function receive({ data }: Job, handle: (payload: JobPayload) => Promise<void>): Promise<void> {
  const payload = jobPayloadSchema.safeParse(data);
  if (!payload.success) throw new UnrecoverableError(`payload refused: ${payload.error.message}`);
  await handle(payload.data);
}
