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

/** Back to `running` from where its tasks had ended, and back to `pending`: the plan was rewound. */
export const PHASE_MACHINE: Machine<PhaseStatus> = {
  pending: ['running', 'completed', 'skipped', 'cancelled'],
  running: ['pending', 'awaiting_approval', 'completed', 'failed', 'cancelled'],
  awaiting_approval: ['pending', 'running', 'completed', 'failed', 'cancelled'],
  completed: ['pending', 'running'],
  failed: ['running', 'cancelled'],
  cancelled: [],
  skipped: ['pending', 'running'],
};

/** In these nothing of a phase is left to do. */
export const PHASE_DONE: readonly PhaseStatus[] = ['completed', 'skipped'];

/** In these a phase has ended; only a rewind opens it again. */
export const PHASE_ENDED: readonly PhaseStatus[] = [...PHASE_DONE, 'cancelled'];

export const PHASE_MODES = ['sequential', 'parallel', 'manual'] as const;
export type PhaseMode = (typeof PHASE_MODES)[number];

/**
 * `before_task`: a person lets each task start. `before_integration`: a person lets each verified diff onto the branch.
 * `both`: both.
 */
export const PHASE_APPROVALS = ['none', 'before_task', 'before_integration', 'both'] as const;
export type PhaseApproval = (typeof PHASE_APPROVALS)[number];

/** What a phase that does not say asks for. */
export function defaultApproval(mode: PhaseMode): PhaseApproval {
  return mode === 'manual' ? 'before_task' : 'none';
}

/** At the end of a phase: go on, ask a reviewer to let the next phase start, or pause the plan. */
export const PHASE_ENDS = ['continue', 'approve', 'pause'] as const;
export type PhaseEnd = (typeof PHASE_ENDS)[number];
