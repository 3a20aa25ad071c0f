import type { NewAttempt } from '#domain/plan/decision.js';
import { decideDispatch, type DispatchState, type OwnSlots } from '#domain/plan/decisions/dispatch.js';
import { decideStepsDone, type DoneStep, type StepResult } from '#domain/plan/decisions/execution.js';
import type { EngineDeps } from '../deps.js';
import type { ExecutorConfig } from '../ports/agent.port.js';
import type { OutboxRow, PlanTx } from '../ports/store.port.js';
import { flush, record } from '../unit-of-work.js';
import { stepInput, stepOrder, type AttemptOrder } from './claim-attempt.js';

interface Finished {
  readonly order: AttemptOrder;
  readonly done: StepResult;
  /** Whether the slot takes another step. */
  readonly goesOn: () => boolean;
  readonly resolve: (next: AttemptOrder | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Where the slots of one worker meet that carry out tasks without a change. A step is recorded and the next of its plan
 * claimed in one transaction, without the queue; what ends while a transaction of its plan is under way is recorded
 * together in the one after it.
 */
export class StepBatch {
  private readonly waiting = new Map<string, Finished[]>();

  constructor(private readonly deps: EngineDeps) {}

  /**
   * Records a step that has run.
   *
   * @returns the next one of its plan, claimed for this slot; null: there is none, or others wait for the slot
   */
  finish(
    order: AttemptOrder,
    done: StepResult,
    goesOn: () => boolean,
    shutdown: AbortSignal,
  ): Promise<AttemptOrder | null> {
    return new Promise((resolve, reject) => {
      const entry: Finished = { order, done, goesOn, resolve, reject };
      const queue = this.waiting.get(order.planId);
      if (queue !== undefined) queue.push(entry);
      else {
        this.waiting.set(order.planId, [entry]);
        void this.drain(order.planId, shutdown);
      }
    });
  }

  private async drain(planId: string, shutdown: AbortSignal): Promise<void> {
    for (;;) {
      const batch = this.waiting.get(planId) ?? [];
      if (batch.length === 0) {
        this.waiting.delete(planId);
        return;
      }
      this.waiting.set(planId, []);
      await this.settle(planId, batch, shutdown);
    }
  }

  /** One that is fenced off undoes the transaction of all: then each is recorded by itself. */
  private async settle(planId: string, batch: readonly Finished[], shutdown: AbortSignal): Promise<void> {
    try {
      const next = await record(this.deps, () => recordSteps(this.deps, planId, batch), shutdown);
      if (next === null && batch.length > 1) {
        for (const entry of batch) await this.settle(planId, [entry], shutdown);
        return;
      }
      batch.forEach((entry, index) => entry.resolve(next?.[index] ?? null));
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
  }
}

/** @returns orders for the slots that go on, in the order of the batch */
async function recordSteps(
  deps: EngineDeps,
  planId: string,
  batch: readonly Finished[],
): Promise<readonly (AttemptOrder | null)[]> {
  const committed = await deps.store.withPlan(planId, async (tx) => {
    const done = await stillOurs(tx, batch);
    await tx.apply(decideStepsDone(tx.plan, done), deps.systemActorId);
    const [state, othersWait] = await Promise.all([tx.dispatchState(), tx.othersQueued()]);
    const slots = othersWait ? 0 : batch.filter(({ goesOn }) => goesOn()).length;
    return dispatch(deps, tx, state, slots);
  });
  if (committed === null) return [];
  deps.reach('step.recorded');
  await flushIfAny(deps, committed.outbox);
  const orders = [...committed.result];
  return batch.map(({ goesOn }) => (goesOn() ? (orders.shift() ?? null) : null));
}

async function stillOurs(tx: PlanTx, batch: readonly Finished[]): Promise<DoneStep[]> {
  const found = await tx.runningSteps(batch.map(({ order }) => order.attemptId));
  return batch.flatMap(({ order, done }) => {
    const step = found.get(order.attemptId);
    return step === undefined || step.attempt.token !== order.token ? [] : [{ ...step, done }];
  });
}

async function dispatch(
  deps: EngineDeps,
  tx: PlanTx,
  state: DispatchState,
  slots: number,
): Promise<AttemptOrder[]> {
  const executors = new Map<string, ExecutorConfig>();
  const titles = new Map(state.ready.map(({ task }) => [task.id, task]));
  const own: OwnSlots = {
    slots,
    pin(task, step, attemptId, number) {
      executors.set(attemptId, step.executor as ExecutorConfig);
      return stepInput(tx.plan, task, number, step.prompt, step.executor as ExecutorConfig);
    },
  };
  const decision = decideDispatch(state, () => deps.ids.next(), own);
  await tx.apply(decision, deps.systemActorId);
  return decision.changes.flatMap((change) => {
    if (change.entity !== 'new_attempt' || change.leased !== true) return [];
    const task = titles.get(change.taskId);
    const executor = executors.get(change.id);
    return task === undefined || executor === undefined
      ? []
      : [stepOrder(tx, task, change satisfies NewAttempt, executor)];
  });
}

async function flushIfAny(deps: EngineDeps, outbox: readonly OutboxRow[]): Promise<void> {
  if (outbox.length > 0) await flush(deps, outbox);
}
