import type { ModelAnswer, Usage } from './llm.port.js';

/** Kinds of iterations that a model works at. They are leased, as attempts are. */
export const MODEL_WORK = ['generate', 'review'] as const;
export type ModelWork = (typeof MODEL_WORK)[number];

export const ITERATION_STATUSES = ['queued', 'running', 'succeeded', 'failed'] as const;
export type IterationStatus = (typeof ITERATION_STATUSES)[number];

/** Workers that may die over one iteration before it fails. */
export const MAX_ITERATION_CLAIMS = 3;

/** Whose it is: a claim raises the token. */
export interface HeldIteration {
  readonly id: string;
  readonly token: number;
}

/** A claim. The token counts claims: above `MAX_ITERATION_CLAIMS` there is nothing left to do but to say so. */
export interface IterationOrder extends HeldIteration {
  readonly planId: string;
  readonly number: number;
  /** In whose name it is. */
  readonly actorId: string;
  readonly request: unknown;
  /** What the model answered to workers before this one, in order. */
  readonly answers: readonly RememberedAnswer[];
}

export interface RememberedAnswer {
  /** Of the call that it answers. */
  readonly hash: string;
  readonly answer: ModelAnswer;
}

/** What a call cost, and what it brought; null where it broke off. */
export interface PaidAnswer {
  readonly model: string;
  readonly usage: Usage;
  readonly remembered: RememberedAnswer | null;
}

export interface FinishedIteration extends HeldIteration {
  readonly status: 'succeeded' | 'failed';
  /** One sentence. Absent: it stays. */
  readonly summary?: string;
  readonly changes?: readonly unknown[];
  readonly result?: unknown;
  /** Why it failed. */
  readonly message?: string;
  /** The last text that could not be used; it is cut to a bound. */
  readonly rawText?: string;
}

export interface StoredIteration {
  readonly id: string;
  readonly number: number;
  readonly status: IterationStatus;
  readonly request: unknown;
  readonly result: unknown;
  /** Why it failed. */
  readonly message: string | null;
}

/** What of iterations is done under a plan's lock. */
export interface IterationTx {
  /** The work is ours to write down. @throws Fenced when it ended, or is somebody else's */
  holdIteration(held: HeldIteration): Promise<void>;
  /** @throws Fenced as `holdIteration` */
  finishIteration(finished: FinishedIteration): Promise<void>;
  /** The last one of that kind, whatever became of it. */
  latestIteration(kind: ModelWork): Promise<StoredIteration | null>;
  /** By number or id. Null: there is none of that kind. */
  iterationOf(kind: ModelWork, reference: number | string): Promise<StoredIteration | null>;
  /** What is known of the result of one that has succeeded changes. */
  putResult(id: string, result: unknown): Promise<void>;
}

export interface IterationStore {
  /** Takes work that waits, or whose lease is over. Null: there is nothing to take. */
  claimIteration(kind: ModelWork, id: string): Promise<IterationOrder | null>;
  /**
   * Keeps what was paid for, so that whoever takes the work over need not pay for it again.
   *
   * @throws Fenced as `IterationTx.holdIteration`
   */
  rememberAnswer(held: HeldIteration, paid: PaidAnswer): Promise<void>;
}
