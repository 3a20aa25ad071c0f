import type { PlanState } from '#domain/plan/state.js';
import type { StepPlace } from '#engine/ports/steps.port.js';
import type { StepsLook } from './step-reads.js';

/** The plan's row. */
export interface LockedPlan extends PlanState {
  readonly eventSeq: number;
  readonly eventHash: string;
  readonly now: Date;
  readonly repositoryLimit: number | null;
}

/** A plan as it is when a transaction on it begins. */
export interface PlanView {
  readonly plan: LockedPlan;
  /** When the database's clock was read, by the clock of this process. */
  readonly clockReadAt: number;
  /** Steps that the transaction is about to end, and what was looked at for it. */
  readonly ahead: { readonly steps: readonly StepPlace[]; readonly look: StepsLook } | null;
}

/** A plan and its steps that run, as they were at one moment. */
export interface SeenPlan {
  readonly plan: LockedPlan;
  /** Of the plan's row: it is another one once anything of the plan has changed. */
  readonly version: string;
  /** When the database's clock was read, by the clock of this process. */
  readonly clockReadAt: number;
  readonly steps: StepsLook;
}
