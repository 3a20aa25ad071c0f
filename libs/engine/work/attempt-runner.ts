import type { ExecutorDeps } from '../deps.js';
import { claimFairest, type AttemptJob, type AttemptOrder } from './claim-attempt.js';
import { carryOut } from './execute-attempt.js';
import { StepBatch } from './step-batch.js';

/**
 * The slots of one executor-worker. A delivery takes one; where steps are recorded, the next ones are claimed for every
 * slot that is free then. A delivery that finds none waits for one.
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
      reserve: () => {
        const free = Math.max(0, this.free());
        this.reserved += free;
        return free;
      },
      begin: (orders, reserved) => {
        this.reserved -= reserved;
        for (const order of orders) this.begin(order);
        this.wake();
      },
    });
  }

  /** One delivery: claims what is next, and carries it out. */
  async deliver(job: AttemptJob): Promise<void> {
    while (this.free() <= 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    await this.occupy(async () => {
      const order = this.shutdown.aborted ? null : await claimFairest(this.deps, job);
      if (order !== null) await carryOut(this.deps, this.steps, order, this.shutdown);
    });
  }

  /** Resolves when no slot is in use. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running);
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

  private occupy(work: () => Promise<void>): Promise<void> {
    const slot = work().finally(() => {
      this.running.delete(slot);
      this.wake();
    });
    this.running.add(slot);
    return slot;
  }
}
