import type { Machine } from './machine.js';

export const ATTEMPT_STATUSES = [
  'queued',
  'running',
  'executed',
  'passed',
  'rejected',
  'inconclusive',
  'errored',
  'conflicted',
  'lost',
  'cancelled',
] as const;
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number];

/** `passed → rejected | conflicted | inconclusive` happens in the integration lane, on the rebased tree. */
export const ATTEMPT_MACHINE: Machine<AttemptStatus> = {
  queued: ['running', 'cancelled'],
  running: ['executed', 'errored', 'lost', 'cancelled'],
  executed: ['passed', 'rejected', 'inconclusive', 'errored', 'cancelled'],
  passed: ['rejected', 'inconclusive', 'conflicted', 'errored', 'cancelled'],
  rejected: [],
  inconclusive: [],
  errored: [],
  conflicted: [],
  lost: [],
  cancelled: [],
};
