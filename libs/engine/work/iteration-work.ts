import { DomainError } from '#domain/domain-error.js';
import type { EngineDeps } from '../deps.js';
import { Fenced } from '../fenced.js';
import {
  MAX_ITERATION_CLAIMS,
  type FinishedIteration,
  type IterationOrder,
  type ModelWork,
} from '../ports/iteration.port.js';
import { ModelFailure } from '../ports/llm.port.js';
import { BudgetExceeded } from '../ports/spend.port.js';
import type { PlanTx } from '../ports/store.port.js';
import { onPlan, record } from '../unit-of-work.js';
import { keepLease } from './lease-keeper.js';

/** The work came to nothing, and another try by itself would not help. */
export class IterationFailed extends Error {
  /** @param rawText what a model answered and could not be used */
  constructor(
    message: string,
    readonly rawText?: string,
  ) {
    super(message);
    this.name = 'IterationFailed';
  }
}

/** An iteration in the hands of the worker that claimed it. */
export interface IterationInHand {
  readonly order: IterationOrder;
  /** Aborts when the lease is lost, and at shutdown. */
  readonly signal: AbortSignal;
  /** Writes on the plan while the iteration is ours. @throws Fenced */
  write(work: (tx: PlanTx) => Promise<void>): Promise<void>;
  /** As `write`, and the iteration has succeeded. @throws Fenced */
  succeed(work: (tx: PlanTx) => Promise<Omit<FinishedIteration, 'id' | 'token' | 'status'>>): Promise<void>;
}

/** What is done in iterations of one kind. */
export interface IterationWork {
  readonly kind: ModelWork;
  /** Ends with `succeed`, or throws why not. */
  carryOut(inHand: IterationInHand): Promise<void>;
  /** What follows for the plan, in the transaction in which the iteration fails. */
  failed(tx: PlanTx, order: IterationOrder, message: string): Promise<void>;
}

/**
 * One delivery of an iteration: claim, work, write down what it came to. What fails is not tried again by itself: a person
 * is told why, and asks again. A worker that dies is another matter: its lease gives the work to the next, up to
 * `MAX_ITERATION_CLAIMS` times.
 */
export async function workIteration(
  deps: EngineDeps,
  work: IterationWork,
  id: string,
  shutdown: AbortSignal,
): Promise<void> {
  const order = await deps.store.claimIteration(work.kind, id);
  if (order === null) return;
  const { token } = order;
  const entity = work.kind === 'generate' ? 'generation' : 'review';
  const lease = keepLease(deps, { entity, id, token }, shutdown);
  const inHand = handOf(deps, order, lease.signal);
  try {
    if (token > MAX_ITERATION_CLAIMS)
      throw new IterationFailed(`the workers that were at it died, ${MAX_ITERATION_CLAIMS} times`);
    await work.carryOut(inHand);
  } catch (error) {
    // Told to stop, or somebody else's: the lease gives it to the next.
    if (error instanceof Fenced || lease.ended) return;
    const { message, rawText } = failureOf(deps, id, error);
    const failed = {
      id,
      token,
      status: 'failed',
      message,
      ...(rawText === undefined ? {} : { rawText }),
    } as const;
    await inHand
      .write(async (tx) => {
        await tx.finishIteration(failed);
        await work.failed(tx, order, message);
      })
      .catch((late: unknown) => {
        if (!(late instanceof Fenced)) throw late;
      });
  } finally {
    lease.stop();
  }
}

function handOf(deps: EngineDeps, order: IterationOrder, signal: AbortSignal): IterationInHand {
  const { id, token, planId } = order;
  const write = async (work: (tx: PlanTx) => Promise<void>): Promise<void> => {
    const done = await record(
      deps,
      () =>
        onPlan(deps, planId, async (tx) => {
          await tx.holdIteration({ id, token });
          await work(tx);
          return true;
        }),
      signal,
    );
    if (done === null) throw new Fenced(`iteration ${id} has ended, or is somebody else's`);
  };
  return {
    order,
    signal,
    write,
    succeed: (work) =>
      write(async (tx) => tx.finishIteration({ ...(await work(tx)), id, token, status: 'succeeded' })),
  };
}

function failureOf(deps: EngineDeps, id: string, error: unknown): { message: string; rawText?: string } {
  if (error instanceof IterationFailed)
    return { message: error.message, ...(error.rawText === undefined ? {} : { rawText: error.rawText }) };
  if (error instanceof DomainError)
    return { message: error.remedy === undefined ? error.message : `${error.message} ${error.remedy}` };
  if (error instanceof ModelFailure || error instanceof BudgetExceeded) return { message: error.message };
  deps.log.error({ err: error, iteration: id }, 'an iteration could not be carried out');
  return { message: `it could not be carried out: ${(error as Error).message}` };
}
