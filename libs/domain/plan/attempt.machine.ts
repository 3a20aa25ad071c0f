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

/**
 * `running → passed` without a candidate: the task changes nothing, or a person completed it by hand.
 * `passed → rejected | conflicted | inconclusive` happens in the integration lane, on the rebased tree. Back to `executed`: its
 * candidate is verified again, by another spec.
 */
export const ATTEMPT_MACHINE: Machine<AttemptStatus> = {
  queued: ['running', 'cancelled'],
  running: ['executed', 'passed', 'errored', 'lost', 'cancelled'],
  executed: ['passed', 'rejected', 'inconclusive', 'errored', 'cancelled'],
  passed: ['rejected', 'inconclusive', 'conflicted', 'errored', 'cancelled'],
  rejected: ['executed'],
  inconclusive: ['executed'],
  errored: [],
  conflicted: [],
  lost: [],
  cancelled: [],
};

/** In these nobody works on the attempt and nothing came of it. */
export const ATTEMPT_ENDED: readonly AttemptStatus[] = [
  'rejected',
  'inconclusive',
  'errored',
  'conflicted',
  'lost',
  'cancelled',
];
