import type { Verdict } from '../spec/verdict.js';
import type { DeliveryStatus } from './delivery.machine.js';

/**
 * `merge`: the target branch of the origin is advanced. For the others the plan branch of the origin is brought up to date
 * with it; then the forge has a pull request (`pull_request`), or a person is told the commands (`print`).
 */
export const DELIVERY_WAYS = ['merge', 'pull_request', 'print'] as const;
export type DeliveryWay = (typeof DELIVERY_WAYS)[number];

/** What came of it. `contained`: the target branch had all of the plan already. */
export const DELIVERY_OUTCOMES = ['merged', 'opened', 'printed', 'contained'] as const;
export type DeliveryOutcome = (typeof DELIVERY_OUTCOMES)[number];

export interface PullRequest {
  readonly number: number;
  readonly url: string;
}

/** A delivery that is under way. */
export interface OpenDelivery {
  readonly id: string;
  /** 1-based within the plan. */
  readonly number: number;
  readonly way: DeliveryWay;
  readonly status: DeliveryStatus;
  readonly token: number;
  /** How often its present step was begun. */
  readonly tries: number;
  /** How often the target branch moved meanwhile. */
  readonly rounds: number;
  readonly targetBranch: string;
  readonly tipCommit: string;
  /** The target branch as it was fetched last. */
  readonly targetCommit: string | null;
  /** What is delivered. */
  readonly commit: string | null;
  /** Who resolves conflicts, as it is stored; null: a person. */
  readonly executor: unknown;
  readonly actorId: string;
  readonly createdAt: Date;
}

/** What a delivery is given along with a status. */
export interface DeliverySet {
  readonly targetCommit?: string;
  readonly commit?: string;
  readonly rounds?: number;
  readonly verdict?: Verdict | null;
  readonly files?: readonly string[];
  readonly taskNumber?: number;
  readonly outcome?: DeliveryOutcome;
  readonly commands?: readonly string[];
  readonly pullRequest?: PullRequest;
  readonly message?: string;
  readonly remedy?: string;
}

/** Guarded by status, token and the plan's epoch; it gives up the lease. */
export interface DeliveryChange {
  readonly entity: 'delivery';
  readonly id: string;
  readonly token: number;
  readonly from: DeliveryStatus;
  readonly to: DeliveryStatus;
  readonly set: DeliverySet;
}

export interface NewDelivery {
  readonly entity: 'new_delivery';
  readonly id: string;
  readonly way: DeliveryWay;
  readonly targetBranch: string;
  readonly tipCommit: string;
  readonly executor: unknown;
}
