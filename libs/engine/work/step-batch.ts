import { decideStepsDone, type DoneStep, type StepResult } from '#domain/plan/decisions/execution.js';
import type { EngineDeps } from '../deps.js';
import type { FoundSteps } from '../ports/steps.port.js';
import type { PlanTx } from '../ports/store.port.js';
import { record } from '../unit-of-work.js';
import type { AttemptOrder } from './attempt-order.js';
import { beginSteps, onSteps } from './begin-steps.js';

interface Finished {
  readonly order: AttemptOrder;
  readonly done: StepResult;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The slots of the worker that the steps run in. */
export interface StepSlots {
  /** Sets aside every slot that is free. @returns how many */
  reserve(): number;
  /** Begins what was claimed, and gives up what was set aside. */
  begin(orders: readonly AttemptOrder[], reserved: number): void;
  readonly shutdown: AbortSignal;
}

/** Steps that end within this time of their common beginning are recorded together. */
const SHORT_STEP_MS = 3;

/** What ended and is to be recorded, of one plan. */
interface Queue {
  finished: Finished[];
  /** Steps that were begun together, and that may end any moment. */
  readonly begun: Set<string>;
  /** Called when the last of those has ended. */
  allEnded: () => void;
}

/**
 * Records steps, and claims the next ones of their plan for free slots of this worker, in one transaction and without
 * the queue. What ends while a transaction of its plan is under way is recorded together in the one after it; and steps
 * that were begun together and are short end together, since a transaction of four costs little more than one of one.
 */
export class StepBatch {
  private readonly queues = new Map<string, Queue>();
  /** Of plans of which nothing is recorded at the moment: steps that were just begun together. */
  private readonly expected = new Map<string, Set<string>>();

  constructor(
    private readonly deps: EngineDeps,
    private readonly slots: StepSlots,
  ) {}

  /** What was claimed of one plan begins: steps among it that are short are recorded together. */
  expect(orders: readonly AttemptOrder[]): void {
    const steps = orders.filter(({ effect }) => effect === 'none');
    const planId = steps[0]?.planId;
    if (planId === undefined || steps.length === 1) return;
    const begun = new Set(steps.map(({ attemptId }) => attemptId));
    this.expected.set(planId, begun);
    setTimeout(() => {
      if (this.expected.get(planId) === begun) this.expected.delete(planId);
    }, SHORT_STEP_MS);
  }

  /** Resolves when the step is recorded, or was somebody else's by then. */
  finish(order: AttemptOrder, done: StepResult): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry: Finished = { order, done, resolve, reject };
      const queue = this.queues.get(order.planId);
      if (queue === undefined) void this.drain(order.planId, entry);
      else {
        queue.finished.push(entry);
        queue.begun.delete(order.attemptId);
        if (queue.begun.size === 0) queue.allEnded();
      }
    });
  }

  private async drain(planId: string, first: Finished): Promise<void> {
    const begun = this.expected.get(planId) ?? new Set();
    this.expected.delete(planId);
    begun.delete(first.order.attemptId);
    const queue: Queue = { finished: [first], begun, allEnded: () => undefined };
    this.queues.set(planId, queue);
    for (;;) {
      if (begun.size > 0) await gathered(queue);
      begun.clear();
      const batch = queue.finished;
      if (batch.length === 0) break;
      queue.finished = [];
      await this.settle(planId, batch, begun);
    }
    this.queues.delete(planId);
  }

  /** One that is fenced off undoes the transaction of all: then each is recorded by itself. */
  private async settle(planId: string, batch: readonly Finished[], begun: Set<string>): Promise<void> {
    const { deps, slots } = this;
    const reserved = slots.reserve();
    let next: readonly AttemptOrder[] | null = null;
    try {
      // The slots of the finished steps become free as well.
      const free = reserved + batch.length;
      next = await record(deps, () => this.recordSteps(planId, batch, free), slots.shutdown);
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    } finally {
      for (const { attemptId } of next ?? []) begun.add(attemptId);
      slots.begin(next ?? [], reserved);
    }
    if (next !== null || batch.length === 1) for (const entry of batch) entry.resolve();
    else for (const entry of batch) await this.settle(planId, [entry], begun);
  }

  private recordSteps(
    planId: string,
    batch: readonly Finished[],
    free: number,
  ): Promise<readonly AttemptOrder[]> {
    const { deps, slots } = this;
    const steps = batch.map(({ order }) => order);
    const recorded = () => deps.reach('step.recorded');
    const work = async (tx: PlanTx, { running, othersQueued }: FoundSteps) => {
      await tx.apply(decideStepsDone(tx.plan, stillOurs(running, batch)), deps.systemActorId);
      return beginSteps(deps, tx, othersQueued || slots.shutdown.aborted ? 0 : free);
    };
    return onSteps(deps, planId, steps, work, recorded);
  }
}

/** Resolves when all that was begun has ended, or is not short. */
function gathered(queue: Queue): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, SHORT_STEP_MS);
    queue.allEnded = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function stillOurs(running: FoundSteps['running'], batch: readonly Finished[]): DoneStep[] {
  return batch.flatMap(({ order, done }) => {
    const step = running.get(order.attemptId);
    return step === undefined || step.attempt.token !== order.token ? [] : [{ ...step, done }];
  });
}
