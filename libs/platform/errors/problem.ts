import { HttpException } from '@nestjs/common';
import { DomainError, type ErrorCode, type Problem } from '#domain/domain-error.js';

/** RFC 9457 problem details. */
export interface ProblemDetails {
  /** Stable: clients may branch on it. */
  readonly type: `urn:planwright:problem:${string}`;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** What the person can do about it. */
  readonly remedy?: string;
  readonly errors?: readonly Problem[];
}

const HTTP_STATUS: { readonly [C in ErrorCode]: number } = {
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

const TITLES: { readonly [C in ErrorCode]: string } = {
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

/** Anything thrown, as a problem. What is not meant for clients says nothing of the inside. */
export function toProblem(error: unknown): ProblemDetails {
  if (error instanceof DomainError) return domainProblem(error);
  const status = httpStatusOf(error);
  if (status !== null && status < 500) {
    const code =
      (Object.keys(HTTP_STATUS) as ErrorCode[]).find((key) => HTTP_STATUS[key] === status) ?? 'invalid';
    return { type: urn(code), title: TITLES[code], status, detail: (error as Error).message };
  }
  return {
    type: 'urn:planwright:problem:internal',
    title: 'Something went wrong here',
    status: 500,
    detail: 'The API met an error of its own; nothing was changed by this request unless it says so.',
    remedy: 'Look into the log of the api service.',
  };
}

function domainProblem(error: DomainError): ProblemDetails {
  return {
    type: urn(error.code),
    title: TITLES[error.code],
    status: HTTP_STATUS[error.code],
    detail: error.message,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    ...(error.problems.length === 0 ? {} : { errors: error.problems }),
  };
}

/** Nest's own exceptions, and those of the HTTP server below it (a body that is too large or no JSON). */
function httpStatusOf(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : null;
}

function urn(code: ErrorCode): ProblemDetails['type'] {
  return `urn:planwright:problem:${code.replaceAll('_', '-')}`;
}
