import type { ProcessRequest, ProcessResult } from './process-runner.js';

/** What can be sent to another process of a request. */
export type SentRequest = Omit<ProcessRequest, 'signal' | 'onOutput'>;

/** To the runner process: start, or stop what was started under the same number. */
export type RunnerOrder =
  | {
      readonly run: number;
      readonly request: SentRequest;
      /** Whether somebody looks at what it prints while it runs. */
      readonly watched: boolean;
    }
  | { readonly stop: number };

/** From the runner process: pieces of what is printed, if it is watched, and in the end the result. */
export type RunnerAnswer = { readonly run: number } & (
  { readonly piece: string } | { readonly result: ProcessResult }
);
