import type { BudgetScope } from '#domain/cost/budget.js';
import type { ModelRole, Usage } from './llm.port.js';

/** For whom a model is called: an attempt, or an iteration (a generation or a review). */
export type SpendPlace = { readonly planId: string; readonly role: ModelRole } & (
  | { readonly attemptId: string; readonly token: number }
  | { readonly iterationId: string; readonly token: number }
);

/** Money that is set aside for one call until it is known what it cost. */
export interface Reservation {
  readonly id: string;
  readonly model: string;
  /** What the call may produce at most, so that it stays within every limit; never more than was asked for. */
  readonly maxOutputTokens: number;
}

/** The next call would cross a limit: it is not made. */
export class BudgetExceeded extends Error {
  constructor(
    readonly scope: BudgetScope,
    /** A sentence: the limit, what is spent, and how to raise it. */
    message: string,
  ) {
    super(message);
    this.name = 'BudgetExceeded';
  }
}

/** What model calls cost, and what they may cost. */
export interface SpendPort {
  /**
   * Before a call: sets aside the most that it can cost. What a dead process set aside counts as spent.
   *
   * @param call input tokens as counted for this call
   * @throws BudgetExceeded; Fenced when attempt or iteration is not ours any more: who lost it spends nothing;
   *   DomainError `invalid` for a model without a price
   */
  reserve(
    place: SpendPlace,
    call: { readonly model: string; readonly inputTokens: number; readonly maxOutputTokens: number },
  ): Promise<Reservation>;
  /** After it: what it cost, also where it broke off. Usage of zero gives everything back. */
  settle(reservation: Reservation, usage: Usage): Promise<void>;
  /**
   * What a program that calls models by itself says it has used. It is spent, whoever has the attempt now; a model
   * without a price costs what the program says, or nothing.
   *
   * @param call.costUsd as the program says; null: as the price table says
   */
  record(
    place: SpendPlace,
    call: { readonly model: string; readonly usage: Usage; readonly costUsd: number | null },
  ): Promise<void>;
  /**
   * What such a program may spend, in USD; null: there is no limit.
   *
   * @throws BudgetExceeded when nothing is left; Fenced
   */
  left(place: SpendPlace): Promise<number | null>;
}
