import { z } from 'zod';
import type { ErrorCode } from '#domain/domain-error.js';

/** The one status of each kind of refusal. A body that is no JSON is `invalid` too, with 400. */
export const PROBLEM_STATUS: { readonly [C in ErrorCode]: number } = {
  invalid: 422,
  not_found: 404,
  conflict: 409,
  unauthorized: 401,
  forbidden: 403,
  precondition_failed: 412,
  too_large: 413,
  unsupported_media_type: 415,
  unavailable: 503,
};

export const PROBLEM_TITLE: { readonly [C in ErrorCode]: string } = {
  invalid: 'The input is not valid',
  not_found: 'Not found',
  conflict: 'Not possible in this state',
  unauthorized: 'A token is needed',
  forbidden: 'Not allowed',
  precondition_failed: 'It changed meanwhile',
  too_large: 'Too large',
  unsupported_media_type: 'Only JSON is accepted',
  unavailable: 'Not available now',
};

/** Every refusal of the API, as RFC 9457 has it. */
export const problemView = z.object({
  /** Stable: clients may branch on it. */
  type: z.string().startsWith('urn:planwright:problem:'),
  title: z.string(),
  status: z.int(),
  /** What is wrong, as a sentence. */
  detail: z.string(),
  /** What the person can do about it. */
  remedy: z.string().optional(),
  errors: z
    .array(
      z.object({
        /** Path into the input, e.g. `phases[1].tasks[0].dependsOn[0]`. */
        path: z.string(),
        message: z.string(),
        line: z.int().optional(),
        column: z.int().optional(),
      }),
    )
    .optional(),
});
export type ProblemView = z.output<typeof problemView>;
