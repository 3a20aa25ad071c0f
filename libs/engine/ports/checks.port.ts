import type { ReportReading } from '#domain/spec/check-report.js';
import type { SpecCheck } from '#domain/spec/spec.js';

/** One run of a check's command on one clean checkout. */
export type CheckRun =
  | {
      readonly kind: 'finished';
      readonly exitCode: number;
      readonly output: string;
      readonly durationMs: number;
      /** Absent: it names no report, and its standard output is none. */
      readonly report?: ReportReading;
    }
  | { readonly kind: 'not_started'; readonly reason: string }
  | { readonly kind: 'timed_out'; readonly output: string; readonly durationMs: number }
  | { readonly kind: 'output_limit'; readonly output: string; readonly durationMs: number }
  | {
      readonly kind: 'limit_exceeded';
      /** Which limit, with figures. */
      readonly limit: string;
      readonly output: string;
      readonly durationMs: number;
    };

export interface ChecksPort {
  /**
   * What a result depends on beside the tree, the check and its set-up: the machine, its tools, the sandbox, the
   * variables that every check gets. Equal where a result may stand for another.
   */
  environment(): Promise<string>;
  /** Rejects with the signal's reason when it is aborted. */
  run(request: {
    readonly check: SpecCheck;
    /** A clean checkout of the commit under judgement. */
    readonly cwd: string;
    /** What the workspace was given: ports, variables of the set-up. Never a secret. */
    readonly env?: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  }): Promise<CheckRun>;
}
