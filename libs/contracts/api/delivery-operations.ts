import {
  deliveryList,
  deliveryPreview,
  deliveryView,
  finishPlanRequest,
  previewDeliveryQuery,
} from './deliveries.js';
import type { Operation } from './operation.js';

/** The way of a plan to its target branch. */
export const DELIVERIES: readonly Operation[] = [
  {
    id: 'previewDelivery',
    method: 'get',
    path: '/api/plans/{plan}/delivery',
    tag: 'Delivery',
    summary: 'How a plan stands to its target branch, as the origin has it now; nothing is changed',
    query: previewDeliveryQuery,
    answer: { status: 200, description: 'What both sides changed', schema: deliveryPreview },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
  {
    id: 'finishPlan',
    method: 'post',
    path: '/api/plans/{plan}/finish',
    tag: 'Delivery',
    summary: 'Bring a completed plan up to date with its target branch, verify it again, and deliver it',
    headers: ['Idempotency-Key'],
    body: finishPlanRequest,
    bodyRequired: false,
    answer: {
      status: 202,
      description: 'The delivery; the one that is under way, where the same is asked twice',
      schema: deliveryView,
      headers: ['Idempotent-Replayed'],
    },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
  {
    id: 'listDeliveries',
    method: 'get',
    path: '/api/plans/{plan}/deliveries',
    tag: 'Delivery',
    summary: 'The deliveries of a plan, the latest first',
    answer: { status: 200, description: 'All of them', schema: deliveryList },
    refusals: ['not_found'],
  },
  {
    id: 'readDelivery',
    method: 'get',
    path: '/api/plans/{plan}/deliveries/{number}',
    tag: 'Delivery',
    summary: 'One delivery of a plan',
    answer: { status: 200, description: 'The delivery', schema: deliveryView },
    refusals: ['not_found'],
  },
];
