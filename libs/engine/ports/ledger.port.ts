import type { CheckResult } from '#domain/spec/check-report.js';

/** What a result stands for: the same check on the same tree in the same environment. */
export interface LedgerKey {
  readonly repositoryId: string;
  /** Object id of the tree: commits that hold the same share their results. */
  readonly tree: string;
  /** Hash of the command and of what else shapes its result. */
  readonly check: string;
  /** Hash of everything around it. */
  readonly environment: string;
}

/** A run that came to its end by itself: only such a one can stand for another. */
export type LedgerResult = Extract<CheckResult, { kind: 'passed' | 'failed' }>;

/** Remembers how checks ended on trees, for every plan of a repository. */
export interface LedgerPort {
  /** The last runs, first run first; their output and the messages of their tests are not kept. */
  runs(key: LedgerKey): Promise<readonly LedgerResult[]>;
  /** Adds a run. What is too large to be kept whole is not kept at all; neither are the oldest ones. */
  record(key: LedgerKey, result: LedgerResult, durationMs: number): Promise<void>;
}
