import type { GitEnd, GitRequest } from './git-process.js';

/** To the helper: start git. */
export interface HelperOrder {
  readonly run: number;
  readonly request: GitRequest;
}

/** From the helper: any number of pieces of output, then the end or the reason why git did not start. */
export type HelperAnswer = { readonly run: number } & (
  | { readonly piece: Buffer }
  | { readonly end: GitEnd }
  | { readonly failure: { readonly message: string; readonly code: string | undefined } }
);
