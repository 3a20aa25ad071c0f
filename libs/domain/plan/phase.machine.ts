import type { Machine } from './machine.js';

export const PHASE_STATUSES = [
  'pending',
  'running',
  'awaiting_approval',
  'completed',
  'failed',
  'cancelled',
  'skipped',
] as const;
export type PhaseStatus = (typeof PHASE_STATUSES)[number];

export const PHASE_MACHINE: Machine<PhaseStatus> = {
  pending: ['running', 'completed', 'skipped', 'cancelled'],
  running: ['awaiting_approval', 'completed', 'failed', 'cancelled'],
  awaiting_approval: ['completed', 'failed', 'cancelled'],
  completed: [],
  failed: ['running', 'cancelled'],
  cancelled: [],
  skipped: [],
};

export const PHASE_MODES = ['sequential', 'parallel', 'manual'] as const;
export type PhaseMode = (typeof PHASE_MODES)[number];

/** `before_task`: a person lets each task start. */
export const PHASE_APPROVALS = ['none', 'before_task'] as const;
export type PhaseApproval = (typeof PHASE_APPROVALS)[number];
