/** The closed set of refusals. Each has exactly one HTTP status and one exit code (exhaustive maps elsewhere). */
export const ERROR_CODES = [
  'invalid',
  'not_found',
  'conflict',
  'unauthorized',
  'forbidden',
  'precondition_failed',
  'too_large',
  'unsupported_media_type',
  'unavailable',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** One thing wrong with an input, and where. */
export interface Problem {
  /** Path into the input, e.g. `phases[1].tasks[0].dependsOn[0]`. */
  readonly path: string;
  readonly message: string;
  /** 1-based place in a file, where the input was one. */
  readonly line?: number;
  readonly column?: number;
}

export interface DomainErrorDetails {
  /** What the person can do about it, as a sentence. */
  readonly remedy?: string;
  readonly problems?: readonly Problem[];
  /** It is refused for load alone: the same may be asked again after so long. */
  readonly retryAfterSeconds?: number;
}

/** A refusal that a person can act on: says what, where and what to do. */
export class DomainError extends Error {
  readonly remedy: string | undefined;
  readonly problems: readonly Problem[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: DomainErrorDetails = {},
  ) {
    super(message);
    this.name = 'DomainError';
    this.remedy = details.remedy;
    this.problems = details.problems ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}
