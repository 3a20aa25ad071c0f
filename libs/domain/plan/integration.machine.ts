import type { Machine } from './machine.js';

export const INTEGRATION_STATUSES = [
  'queued',
  'merging',
  'verifying',
  'verified',
  'pushing',
  'awaiting_review',
  'landed',
  'conflicted',
  'rejected',
  'errored',
  'cancelled',
] as const;
export type IntegrationStatus = (typeof INTEGRATION_STATUSES)[number];

/**
 * `merging → merging` and `pushing → merging` are take-overs after a lost lease, with a new token and the fence
 * moved. `pushing` holds an open intent. `awaiting_review` is outside the lane: the rebase made another diff of what a
 * person had approved, so they are asked again.
 */
export const INTEGRATION_MACHINE: Machine<IntegrationStatus> = {
  queued: ['merging', 'cancelled'],
  merging: [
    'merging',
    'verifying',
    'pushing',
    'awaiting_review',
    'landed',
    'conflicted',
    'errored',
    'cancelled',
  ],
  verifying: ['verified', 'rejected', 'errored', 'cancelled'],
  verified: ['pushing', 'merging', 'cancelled'],
  pushing: ['landed', 'merging', 'errored', 'cancelled'],
  awaiting_review: ['queued', 'rejected', 'cancelled'],
  landed: [],
  conflicted: [],
  rejected: [],
  errored: [],
  cancelled: [],
};

/** The lane: at most one integration of a plan is in one of these (a partial unique index says so too). */
export const INTEGRATION_IN_LANE: readonly IntegrationStatus[] = [
  'merging',
  'verifying',
  'verified',
  'pushing',
];
