import type { Machine } from './machine.js';

export const RUN_STATUSES = [
  'queued',
  'running',
  'passed',
  'failed',
  'inconclusive',
  'errored',
  'cancelled',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/**
 * `running → running` is a take-over after a lost lease, with a new token: only this step is repeated.
 * `running → queued`: the verifier could not carry it out and gives it back.
 */
export const RUN_MACHINE: Machine<RunStatus> = {
  queued: ['running', 'errored', 'cancelled'],
  running: ['running', 'queued', 'passed', 'failed', 'inconclusive', 'errored', 'cancelled'],
  passed: [],
  failed: [],
  inconclusive: [],
  errored: [],
  cancelled: [],
};
