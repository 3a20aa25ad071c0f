import type { Effect } from '#domain/plan/decision.js';

/** An effect of a decision that was committed with it, and is carried out afterwards. */
export interface OutboxRow {
  readonly id: bigint;
  readonly planId: string;
  readonly effect: Effect;
  /** How often it was taken, this time included; 0 by whoever wrote it. */
  readonly tries: number;
}

/** Effects that somebody has to carry out. */
export interface OutboxStore {
  /** Takes due effects (those that another relay holds are skipped) and holds them for a while. */
  takeOutbox(input: {
    readonly kind: OutboxRow['effect']['kind'];
    readonly limit: number;
    readonly holdMs: number;
  }): Promise<readonly OutboxRow[]>;
  /** Removes what was carried out. */
  settleOutbox(ids: readonly bigint[]): Promise<void>;
  /** An effect failed and is tried again later. */
  postponeOutbox(id: bigint, error: string): Promise<void>;
}
