/** What a verification run concludes about one candidate commit. Pure data: stored, shown and recomputed. */

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * - `pass`: nothing at or above `fail_at` is red and something turned from red to green.
 * - `satisfied`: like `pass`, but the candidate changes nothing: an earlier commit did the work.
 * - `fail`: something decidable is red.
 * - `inconclusive`: nobody could decide; no agent can mend it.
 */
export const VERDICT_OUTCOMES = ['pass', 'satisfied', 'fail', 'inconclusive'] as const;
export type VerdictOutcome = (typeof VERDICT_OUTCOMES)[number];

/** One thing that is wrong on the candidate, with its place where it has one. */
export interface Violation {
  /** Id of the rule or check, or of a built-in rule, such as `protected-path`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** Repository-relative POSIX path. */
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  readonly term?: string;
}

export type Colour = 'green' | 'red' | 'undecided';

/** How one rule or check stands on the candidate and on the bases it was compared with. */
export interface ItemResult {
  readonly id: string;
  readonly kind: 'rule' | 'check';
  readonly candidate: Colour;
  /** Absent when the base did not have to be evaluated to reach the verdict. */
  readonly attemptBase?: Colour;
  readonly planBase?: Colour;
  /** Red on a red-base and green on the candidate. */
  readonly turned: boolean;
  /** Why it is undecided or red, in one sentence. */
  readonly note?: string;
  /** Number of violations found; the verdict's list may show fewer of them. */
  readonly violations: number;
  /** Of a check that reports single tests: how they compare with the base's. */
  readonly tests?: TestCounts;
  /** Where the spec is judged as the older profile format does. */
  readonly audit?: RuleAudit;
}

/** Numbers of single tests. */
export interface TestCounts {
  readonly new: number;
  readonly fixed: number;
  readonly preExisting: number;
  readonly flaky: number;
  readonly gone: number;
}

/** What the older profile format says of one rule beside its violations. */
export interface RuleAudit {
  readonly status: 'needs_migration' | 'clean';
  /** Hits of what the rule expects. They decide nothing. */
  readonly expected: number;
  /** Files with a violation and without an expected hit, sorted. */
  readonly missingExpectationFiles: readonly string[];
}

export interface Verdict {
  readonly outcome: VerdictOutcome;
  /** One sentence a person reads first. */
  readonly summary: string;
  readonly violations: readonly Violation[];
  readonly items: readonly ItemResult[];
  /** Violations that keep the candidate from passing, also those that the list leaves out: whether retries get anywhere. */
  readonly blocking: number;
}
