import type { Machine } from './machine.js';

export const PLAN_STATUSES = [
  'draft',
  'generating',
  'ready',
  'running',
  'pausing',
  'paused',
  'cancelling',
  'cancelled',
  'completed',
  'failed',
  'rewinding',
  'archiving',
  'archived',
] as const;
export type PlanStatus = (typeof PLAN_STATUSES)[number];

/**
 * `paused → pausing`: a person handed work in, or let it onto the branch; it comes to its end. `pausing → pausing`: what
 * ran is stopped after all. `completed → paused`: it does not merge with its target branch, and has one more task.
 */
export const PLAN_MACHINE: Machine<PlanStatus> = {
  draft: ['ready', 'generating', 'cancelled'],
  generating: ['ready', 'draft', 'failed', 'cancelled'],
  ready: ['running', 'draft', 'cancelled'],
  running: ['pausing', 'paused', 'completed', 'failed', 'cancelling'],
  pausing: ['pausing', 'paused', 'running', 'cancelling', 'completed', 'failed'],
  paused: ['running', 'pausing', 'cancelling', 'completed', 'rewinding', 'failed', 'archiving'],
  cancelling: ['cancelled'],
  cancelled: ['archiving'],
  completed: ['archiving', 'rewinding', 'paused'],
  failed: ['archiving', 'rewinding'],
  rewinding: ['paused'],
  archiving: ['archived'],
  archived: [],
};

export const PAUSE_REASONS = [
  'user',
  'task_failed',
  'after_phase',
  'approval',
  'question',
  'spec',
  'budget',
  'quota',
  'needs_replan',
  'contract_breached',
  'delivery_conflict',
] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** In these, executed attempts still verify and integrate; only `running` starts new ones. */
export const PLAN_MOVING: readonly PlanStatus[] = ['running', 'pausing', 'paused'];
