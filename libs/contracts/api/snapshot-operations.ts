import type { Operation } from './operation.js';
import * as plans from './plans.js';
import { previewRewindQuery, rewindPlanRequest, rewindPreview } from './rewind.js';
import * as snapshots from './snapshots.js';

/** Snapshots of what plans made, and the way back to them. */
export const SNAPSHOTS: readonly Operation[] = [
  {
    id: 'listSnapshots',
    method: 'get',
    path: '/api/plans/{plan}/snapshots',
    tag: 'Snapshots',
    summary: 'The snapshots of a plan and its tasks, the latest first',
    query: snapshots.listSnapshotsQuery,
    answer: {
      status: 200,
      description: 'A page of snapshots',
      schema: snapshots.snapshotPage,
      headers: ['Link'],
    },
    refusals: ['not_found', 'invalid'],
  },
  {
    id: 'createCheckpoint',
    method: 'post',
    path: '/api/plans/{plan}/checkpoints',
    tag: 'Snapshots',
    summary: 'Give the tip of a plan a name, to look at it or to go back to it',
    headers: ['Idempotency-Key'],
    body: snapshots.createCheckpointRequest,
    answer: {
      status: 201,
      description: 'The snapshot',
      schema: snapshots.snapshotView,
      headers: ['Idempotent-Replayed'],
    },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
  {
    id: 'previewRewind',
    method: 'get',
    path: '/api/plans/{plan}/rewind',
    tag: 'Snapshots',
    summary: 'What a rewind would do; nothing is changed',
    query: previewRewindQuery,
    answer: { status: 200, description: 'What it would do', schema: rewindPreview },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
  {
    id: 'rewindPlan',
    method: 'post',
    path: '/api/plans/{plan}/rewind',
    tag: 'Snapshots',
    summary: 'Take a plan back to where it was, as a preview said',
    headers: ['Idempotency-Key'],
    body: rewindPlanRequest,
    answer: {
      status: 202,
      description: 'The plan after it',
      schema: plans.planView,
      headers: ['ETag', 'Idempotent-Replayed'],
    },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
  {
    id: 'prune',
    method: 'post',
    path: '/api/prune',
    tag: 'Snapshots',
    summary: 'Remove old snapshots that nothing needs any more, or say which',
    headers: ['Idempotency-Key'],
    body: snapshots.pruneRequest,
    answer: {
      status: 200,
      description: 'What was, or would be, removed',
      schema: snapshots.pruneReport,
      headers: ['Idempotent-Replayed'],
    },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
];
