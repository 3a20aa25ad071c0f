/** What a script can tell from the exit code. */
export const EXIT = {
  ok: 0,
  /** It was refused, or it failed. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A person has to decide before it goes on. */
  waiting: 3,
  /** No API answers. */
  notReachable: 4,
  /** The spec could not decide. */
  inconclusive: 5,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const CLI_ERROR = Symbol.for('planwright.cli-error');

/** Ends a command: what went wrong, why, and the next command. */
export class CliError extends Error {
  constructor(
    readonly code: ExitCode,
    message: string,
    readonly next?: string,
  ) {
    super(message);
    this.name = 'CliError';
  }

  /** Marks it for `asCliError`. */
  readonly [CLI_ERROR] = true;
}

/** The parts that are loaded lazily are a bundle of their own, with a class of their own: `instanceof` knows one only. */
export function asCliError(error: unknown): CliError | undefined {
  const marked = typeof error === 'object' && error !== null && CLI_ERROR in error;
  return marked ? (error as CliError) : undefined;
}
