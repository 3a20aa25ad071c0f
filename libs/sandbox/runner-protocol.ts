import type { ProcessRequest, ProcessResult } from './process-runner.js';

/** What can be sent to another process of a request. */
export type SentRequest = Omit<ProcessRequest, 'signal' | 'onOutput'>;

/** To the runner process: start, or stop what was started under the same number. */
export type RunnerOrder = { readonly run: number; readonly request: SentRequest } | { readonly stop: number };

/** From the runner process, once for each start. */
export interface RunnerAnswer {
  readonly run: number;
  readonly result: ProcessResult;
}
