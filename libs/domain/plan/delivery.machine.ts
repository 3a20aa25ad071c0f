import type { Machine } from './machine.js';

export const DELIVERY_STATUSES = [
  'preparing',
  'verifying',
  'delivering',
  'delivered',
  'conflict',
  'failed',
] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/**
 * `preparing`: the target is fetched and merged, in the hub alone. `verifying`: the verifier has the merged tree.
 * `delivering`: the commit is recorded, and nothing may have been pushed yet. `delivering → preparing`: the target moved
 * meanwhile.
 */
export const DELIVERY_MACHINE: Machine<DeliveryStatus> = {
  preparing: ['verifying', 'delivering', 'delivered', 'conflict', 'failed'],
  verifying: ['delivering', 'failed'],
  delivering: ['preparing', 'delivered', 'failed'],
  delivered: [],
  conflict: [],
  failed: [],
};

/** Somebody has to bring it to its end. */
export const DELIVERY_OPEN: readonly DeliveryStatus[] = ['preparing', 'verifying', 'delivering'];
