import type { OwnSlots } from '#domain/plan/decisions/dispatch.js';
import { decideClaims } from '#domain/plan/decisions/execution.js';
import type { TaskState, WrittenBy } from '#domain/plan/state.js';
import type { EngineDeps } from '../deps.js';
import type { AttemptInput, ExecutorConfig } from '../ports/agent.port.js';
import type { PlanTx } from '../ports/store.port.js';
import type { FoundSteps, QueuedStep, StepPlace } from '../ports/steps.port.js';
import { flush, followUp } from '../unit-of-work.js';
import { stepInput, stepOrder, type AttemptOrder } from './attempt-order.js';

/**
 * One transaction of a worker on a plan, and the deliveries that it decided.
 *
 * @param steps what it ends
 * @param work returns what it claimed or began; may run twice
 * @param committed called before anything is delivered
 * @returns what `work` returned; nothing when there is no such plan
 * @throws Fenced
 */
export async function onSteps(
  deps: EngineDeps,
  planId: string,
  steps: readonly StepPlace[],
  work: (tx: PlanTx, found: FoundSteps) => Promise<readonly AttemptOrder[]>,
  committed: () => void = () => undefined,
): Promise<readonly AttemptOrder[]> {
  const done = await deps.store.withSteps(planId, steps, work);
  if (done === null) return [];
  committed();
  if (done.outbox.length > 0) await flush(deps, done.outbox);
  return done.result;
}

interface Begun {
  readonly task: TaskState;
  readonly executor: ExecutorConfig;
  readonly writtenBy: WrittenBy;
}

/** Takes steps that wait for a worker. */
export async function takeSteps(
  deps: EngineDeps,
  tx: PlanTx,
  waiting: readonly QueuedStep[],
): Promise<readonly AttemptOrder[]> {
  const claims = waiting.map(({ attempt, task, step }) => {
    const executor = step.executor as ExecutorConfig;
    const pin = stepInput(tx.plan, task, attempt.number, step.prompt, executor);
    const made = { ...attempt, token: attempt.token + 1, input: pin.input };
    return { attempt, task, pin, order: stepOrder(tx, task, made, { executor, writtenBy: step.writtenBy }) };
  });
  await tx.apply(decideClaims(tx.plan, claims), deps.systemActorId);
  return claims.map(({ order }) => order);
}

/**
 * Lets follow what follows in the plan. Steps that can start begin in free slots of this worker at once, without the
 * queue.
 *
 * @returns the steps that were begun
 */
export async function beginSteps(deps: EngineDeps, tx: PlanTx, slots: number): Promise<AttemptOrder[]> {
  const begun = new Map<string, Begun>();
  const own: OwnSlots = {
    slots,
    pin(task, step, attemptId, number) {
      const executor = step.executor as ExecutorConfig;
      begun.set(attemptId, { task, executor, writtenBy: step.writtenBy });
      return stepInput(tx.plan, task, number, step.prompt, executor);
    },
  };
  const { changes } = await followUp(deps, tx, own);
  return changes.flatMap((change) => {
    const claim = change.entity === 'new_attempt' ? begun.get(change.id) : undefined;
    return change.entity !== 'new_attempt' || claim === undefined
      ? []
      : [stepOrder(tx, claim.task, { ...change, token: 1, input: change.input as AttemptInput }, claim)];
  });
}
