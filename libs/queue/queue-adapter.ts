import { jobId, STAGE_QUEUE, type QueueName } from '#contracts/queue/jobs.js';
import type { Delivery, QueuePort } from '#engine/ports/queue.port.js';
import type { BackendQueue, QueueBackend } from './queue-backend.js';

/** Puts deliveries on their queues. */
export class BullQueue implements QueuePort {
  private readonly queues = new Map<QueueName, BackendQueue>();

  constructor(private readonly backend: QueueBackend) {}

  async deliver({ stage, planId, id, delivery }: Delivery): Promise<void> {
    await this.queueFor(STAGE_QUEUE[stage]).add(stage, { planId, id }, { jobId: jobId(id, stage, delivery) });
  }

  async isWaiting({ stage, id, delivery }: Delivery): Promise<boolean> {
    const state = await this.queueFor(STAGE_QUEUE[stage]).getJobState(jobId(id, stage, delivery));
    return state === 'waiting' || state === 'delayed' || state === 'prioritized';
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
    this.queues.clear();
  }

  private queueFor(name: QueueName): BackendQueue {
    const known = this.queues.get(name);
    if (known !== undefined) return known;
    const queue = this.backend.queue(name);
    this.queues.set(name, queue);
    return queue;
  }
}
