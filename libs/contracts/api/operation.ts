import type { z } from 'zod';
import type { ErrorCode } from '#domain/domain-error.js';

/** Headers that an operation understands beyond those of every request. */
export const REQUEST_HEADERS = {
  'Idempotency-Key': {
    description:
      'A name for this request, at most 200 visible characters. The same key with the same body gives the stored answer again.',
    schema: { type: 'string', minLength: 1, maxLength: 200 },
  },
  'If-Match': {
    description: 'The ETag of the plan that the edit is based on. Another revision is refused with 412.',
    schema: { type: 'string', maxLength: 100 },
  },
  'Last-Event-ID': {
    description: 'The id of the last event that was seen; the stream goes on after it.',
    schema: { type: 'string', maxLength: 100 },
  },
} as const;
export type RequestHeader = keyof typeof REQUEST_HEADERS;

/** Headers that an answer carries beyond those of every answer. */
export const ANSWER_HEADERS = {
  ETag: 'The revision of the plan, quoted; for If-Match.',
  Link: 'The address of the next page, with rel="next"; absent on the last page.',
  'Idempotent-Replayed': '"true" when this is the stored answer of an earlier request.',
} as const;
export type AnswerHeader = keyof typeof ANSWER_HEADERS;

/** One thing that the API can do: what the server's routes, the OpenAPI document and the tests agree on. */
export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** With parameters in braces: `/api/plans/{plan}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly headers?: readonly RequestHeader[];
  readonly body?: z.ZodType;
  /** False: the operation can be asked without a body. */
  readonly bodyRequired?: boolean;
  readonly answer: {
    readonly status: number;
    readonly description: string;
    readonly schema?: z.ZodType;
    /** `application/json` when absent. */
    readonly type?: string;
    readonly headers?: readonly AnswerHeader[];
  };
  /** Refusals beyond those of every operation. */
  readonly refusals: readonly ErrorCode[];
}
