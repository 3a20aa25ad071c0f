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
}
