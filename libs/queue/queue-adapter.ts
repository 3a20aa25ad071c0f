import { jobId, STAGE_QUEUE, type QueueName } from '#contracts/queue/jobs.js';
import type { Delivery, QueuePort } from '#engine/ports/queue.port.js';
import type { BackendQueue, QueueBackend } from './queue-backend.js';

/** Puts deliveries on their queues. */
export class BullQueue implements QueuePort {
  private readonly queues = new Map<QueueName, BackendQueue>();

  constructor(private readonly backend: QueueBackend) {}

  async deliver({ stage, planId, id, delivery }: Delivery): Promise<void> {
    await this.on(STAGE_QUEUE[stage], (queue) =>
      queue.add(stage, { planId, id }, { jobId: jobId(id, stage, delivery) }),
    );
  }

  async isWaiting({ stage, id, delivery }: Delivery): Promise<boolean> {
    const state = await this.on(STAGE_QUEUE[stage], (queue) => queue.getJobState(jobId(id, stage, delivery)));
    return state === 'waiting' || state === 'delayed' || state === 'prioritized';
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
    this.queues.clear();
  }

  /** A queue that was opened while its server was away stays broken: after a failure the next use opens a new one. */
  private async on<T>(name: QueueName, use: (queue: BackendQueue) => Promise<T>): Promise<T> {
    const queue = this.queues.get(name) ?? this.backend.queue(name);
    this.queues.set(name, queue);
    try {
      return await use(queue);
    } catch (error) {
      if (this.queues.get(name) === queue) {
        this.queues.delete(name);
        queue.close().catch(() => undefined);
      }
      throw error;
    }
  }
}
