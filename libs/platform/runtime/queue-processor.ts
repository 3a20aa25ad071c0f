import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { JobPayload, QueueName } from '#contracts/queue/jobs.js';
import { hostWorker, type WorkerHost } from '#queue/worker-host.js';
import type { Runtime } from './runtime.js';

const LOCK_MS = 30_000;
const GRACE_MS = 8_000;

/**
 * A processor of one queue: takes jobs from boot to shutdown. At shutdown running work is told to stop; what it
 * leaves undone, its lease gives back.
 */
export abstract class QueueProcessor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private host: WorkerHost | undefined;

  constructor(
    protected readonly runtime: Runtime,
    private readonly queue: QueueName,
    private readonly concurrency: number,
  ) {}

  /** One delivery. The claim inside decides whether there is anything to do. */
  protected abstract handle(payload: JobPayload, shutdown: AbortSignal): Promise<void>;

  onApplicationBootstrap(): void {
    const settings = { concurrency: this.concurrency, lockMs: LOCK_MS };
    this.host = hostWorker(this.runtime.backend, this.queue, (payload) => this.run(payload), settings);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.host?.stop(GRACE_MS);
  }

  private async run(payload: JobPayload): Promise<void> {
    try {
      await this.handle(payload, this.stopping.signal);
    } catch (error) {
      this.runtime.logger.error(
        { err: error, ...payload },
        `a job of ${this.queue} failed; the reconciler repeats it`,
      );
      throw error;
    }
  }
}
