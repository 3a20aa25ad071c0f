import type { Stage } from '#domain/plan/decision.js';

/** One delivery of one row's work. The payload is ids only; the claim decides what happens. */
export interface Delivery {
  readonly stage: Stage;
  readonly planId: string;
  /** Id of the attempt, verification run, integration or judgement. */
  readonly id: string;
  /** Makes the job id fresh: an id that still exists would be silently ignored. */
  readonly delivery: number;
}

export interface QueuePort {
  deliver(delivery: Delivery): Promise<void>;
  /** Whether this delivery still waits for a worker; anything else may have to be delivered again. */
  isWaiting(delivery: Delivery): Promise<boolean>;
  close(): Promise<void>;
}
