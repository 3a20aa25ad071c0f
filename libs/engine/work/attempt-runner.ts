import type { ExecutorDeps } from '../deps.js';
import type { AttemptJob, AttemptOrder } from './attempt-order.js';
import { claimFairest } from './claim-attempt.js';
import { carryOut } from './execute-attempt.js';
import { StepBatch } from './step-batch.js';

/**
 * The slots of one executor-worker. A delivery takes one; where an attempt is claimed or steps are recorded, steps begin in
 * every other slot that is free then. A delivery that finds none waits for one.
 */
export class AttemptRunner {
  private readonly steps: StepBatch;
  private readonly running = new Set<Promise<void>>();
  private readonly waiting: (() => void)[] = [];
  private reserved = 0;

  /** @param shutdown ends the work: nothing more is claimed, and what runs is given back */
  constructor(
    private readonly deps: ExecutorDeps,
    private readonly slots: number,
    private readonly shutdown: AbortSignal,
  ) {
    this.steps = new StepBatch(deps, {
      shutdown,
      reserve: () => this.reserve(),
      begin: (orders, reserved) => this.beginAll(orders, reserved),
    });
  }

  /** One delivery: claims what is next, and carries it out. */
  async deliver(job: AttemptJob): Promise<void> {
    while (this.free() <= 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    await this.occupy(async () => {
      const order = this.shutdown.aborted ? undefined : await this.claim(job);
      if (order !== undefined) await carryOut(this.deps, this.steps, order, this.shutdown);
    });
  }

  /** What the delivery's slot is to carry out; what was begun with it has slots of its own. */
  private async claim(job: AttemptJob): Promise<AttemptOrder | undefined> {
    const reserved = this.reserve();
    let orders: readonly AttemptOrder[] = [];
    try {
      orders = await claimFairest(this.deps, job, reserved);
      this.steps.expect(orders);
    } finally {
      this.beginAll(orders.slice(1), reserved);
    }
    return orders[0];
  }

  /** Resolves when no slot is in use. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running);
  }

  /** Sets aside every slot that is free. @returns how many */
  private reserve(): number {
    const free = Math.max(0, this.free());
    this.reserved += free;
    return free;
  }

  /** Begins what was claimed, and gives up what was set aside. */
  private beginAll(orders: readonly AttemptOrder[], reserved: number): void {
    this.reserved -= reserved;
    for (const order of orders) this.begin(order);
    this.wake();
  }

  private free(): number {
    return this.slots - this.running.size - this.reserved;
  }

  /** Whoever waits looks again. */
  private wake(): void {
    for (const look of this.waiting.splice(0, Math.max(0, this.free()))) look();
  }

  private begin(order: AttemptOrder): void {
    const { log } = this.deps;
    this.occupy(() => carryOut(this.deps, this.steps, order, this.shutdown)).catch((error: unknown) =>
      log.error({ err: error, attempt: order.attemptId }, 'an attempt failed; the reconciler repeats it'),
    );
  }

  /** The slot is taken before the work begins, which counts those that are free. */
  private occupy(work: () => Promise<void>): Promise<void> {
    const slot = Promise.resolve()
      .then(work)
      .finally(() => {
        this.running.delete(slot);
        this.wake();
      });
    this.running.add(slot);
    return slot;
  }
}
