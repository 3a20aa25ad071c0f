import { HttpException } from '@nestjs/common';
import { PROBLEM_STATUS, PROBLEM_TITLE, type ProblemView } from '#contracts/api/problem.js';
import { DomainError, type ErrorCode } from '#domain/domain-error.js';

/** Anything thrown, as a problem. What is not meant for clients says nothing of the inside. */
export function toProblem(error: unknown): ProblemView {
  if (error instanceof DomainError) return domainProblem(error);
  const status = httpStatusOf(error);
  if (status !== null && status < 500) {
    const code =
      (Object.keys(PROBLEM_STATUS) as ErrorCode[]).find((key) => PROBLEM_STATUS[key] === status) ?? 'invalid';
    return { type: urn(code), title: PROBLEM_TITLE[code], status, detail: (error as Error).message };
  }
  return {
    type: 'urn:planwright:problem:internal',
    title: 'Something went wrong here',
    status: 500,
    detail: 'The API met an error of its own; nothing was changed by this request unless it says so.',
    remedy: 'Look into the log of the api service.',
  };
}

/** Whether it is a fault that somebody should look into, and not a refusal for load. */
export function isFault(error: unknown): boolean {
  return toProblem(error).status >= 500 && Object.keys(retryHeaders(error)).length === 0;
}

/** Headers that say when what was refused for load may be asked again. */
export function retryHeaders(error: unknown): Readonly<Record<string, string>> {
  const seconds = error instanceof DomainError ? error.retryAfterSeconds : undefined;
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
}

function domainProblem(error: DomainError): ProblemView {
  return {
    type: urn(error.code),
    title: PROBLEM_TITLE[error.code],
    status: PROBLEM_STATUS[error.code],
    detail: error.message,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    ...(error.problems.length === 0 ? {} : { errors: [...error.problems] }),
  };
}

/** Nest's own exceptions, and those of the HTTP server below it (a body that is too large or no JSON). */
function httpStatusOf(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : null;
}

function urn(code: ErrorCode): string {
  return `urn:planwright:problem:${code.replaceAll('_', '-')}`;
}
