import { UnrecoverableError } from 'bullmq';
import { jobPayloadSchema, type JobPayload, type QueueName } from '#contracts/queue/jobs.js';
import type { QueueBackend, WorkerSettings } from './queue-backend.js';

export interface WorkerHost {
  /** Takes no new job, waits for the running ones up to the grace period, then lets go of them. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Runs `handle` for each job of a queue. A payload that does not fit the schema is set aside as failed; it is never
 * tried again and never stops the worker.
 */
export function hostWorker(
  backend: QueueBackend,
  queue: QueueName,
  handle: (payload: JobPayload) => Promise<void>,
  settings: WorkerSettings,
): WorkerHost {
  const worker = backend.worker(
    queue,
    async (job) => {
      const payload = jobPayloadSchema.safeParse(job.data);
      if (!payload.success) throw new UnrecoverableError(`payload refused: ${payload.error.message}`);
      await handle(payload.data);
    },
    settings,
  );
  return {
    async stop(graceMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(() => resolve('late'), graceMs);
      });
      // Not close(): once it waits for running jobs, nothing makes it let go of them.
      const ended = await Promise.race([worker.pause().then(() => 'idle' as const), late]);
      clearTimeout(timer);
      await worker.close(ended === 'late');
    },
  };
}
