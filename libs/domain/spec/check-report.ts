/** Forms in which a check can report its single tests. */
export const REPORT_FORMATS = ['junit', 'tap', 'jest', 'vitest'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Where a check leaves its report. */
export interface ReportPlace {
  readonly format: ReportFormat;
  /** Relative to the checkout; absent: its standard output. */
  readonly path?: string;
}

/** One test of one run. */
export interface TestResult {
  /** What it is known by from run to run: its groups and its title, and its file where the report has one for every test. */
  readonly name: string;
  /** One that is only planned (`todo`) is skipped, whatever came of it. */
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Repository-relative POSIX path. */
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** Why it failed. */
  readonly message?: string;
}

/** What was read of a report. */
export type ReportReading =
  | {
      readonly kind: 'tests';
      readonly tests: readonly TestResult[];
      /** It says that the run failed, whatever its single tests say. */
      readonly failed: boolean;
    }
  /** It says that the run did not come to its end: what it lists is not all. */
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** How one run of a check's command ended. */
export type CheckResult =
  | {
      readonly kind: 'passed';
      /** Its single tests, where it reports them. */
      readonly tests?: readonly TestResult[];
      /** What is special about its report. */
      readonly note?: string;
    }
  | {
      readonly kind: 'failed';
      /** 0 where only its report says that it failed. */
      readonly exitCode: number;
      readonly output: string;
      readonly tests?: readonly TestResult[];
      readonly note?: string;
    }
  | { readonly kind: 'timed_out'; readonly output: string }
  | { readonly kind: 'output_limit'; readonly output: string }
  | { readonly kind: 'limit_exceeded'; readonly limit: string; readonly output: string }
  | { readonly kind: 'not_started'; readonly reason: string };
