import { setMaxListeners } from 'node:events';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { JobPayload, QueueName } from '#contracts/queue/jobs.js';
import { hostWorker, type WorkerHost } from '#queue/worker-host.js';
import type { Runtime } from './runtime.js';
import { systemClock } from './system-clock.js';

const LOCK_MS = 30_000;
const GRACE_MS = 8_000;

/**
 * A processor of one queue: takes jobs from boot to shutdown. At shutdown running work is told to stop; what it
 * leaves undone, its lease gives back.
 */
export abstract class QueueProcessor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  /** Aborts at shutdown. */
  protected readonly shutdown = this.stopping.signal;
  private host: WorkerHost | undefined;

  constructor(
    protected readonly runtime: Runtime,
    private readonly queue: QueueName,
    private readonly concurrency: number,
  ) {
    // Everything that is under way listens to it.
    setMaxListeners(0, this.shutdown);
  }

  /** One delivery. The claim inside decides whether there is anything to do. */
  protected abstract handle(payload: JobPayload): Promise<void>;

  onApplicationBootstrap(): void {
    const settings = { concurrency: this.concurrency, lockMs: LOCK_MS };
    this.host = hostWorker(this.runtime.backend, this.queue, (payload) => this.run(payload), settings);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await Promise.all([
      this.host?.stop(GRACE_MS),
      Promise.race([this.settled(), systemClock.sleep(GRACE_MS)]),
    ]);
  }

  /** Resolves when nothing runs that no job waits for. */
  protected async settled(): Promise<void> {}

  private async run(payload: JobPayload): Promise<void> {
    try {
      await this.handle(payload);
    } catch (error) {
      this.runtime.logger.error(
        { err: error, ...payload },
        `a job of ${this.queue} failed; the reconciler repeats it`,
      );
      throw error;
    }
  }
}
