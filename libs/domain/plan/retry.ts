/** The closed set of ways in which an attempt can fail, and what each means for the task. */
export const FAILURES = [
  'agent_failed',
  'verification_failed',
  'contract_breached',
  'protected_path',
  'scope_exceeded',
  'limit_exceeded',
  'review_rejected',
  'conflict',
  'infrastructure',
  'quota',
  'budget',
  'unconfigured',
  'lost',
  'inconclusive',
  'needs_replan',
  'cancelled',
] as const;
export type Failure = (typeof FAILURES)[number];

/**
 * - `attempt`: uses up one of the task's attempts;
 * - `own_cap`: uses up none, but the same failure may not happen more often than its cap;
 * - `park`: uses up none, the task waits, and the plan stops until a person allows more;
 * - `pause`: uses up none and stops the plan at once, since no further attempt can mend it;
 * - `end`: nothing follows.
 */
export type FailureCost = 'attempt' | 'own_cap' | 'park' | 'pause' | 'end';

export const FAILURE_COST: { readonly [F in Failure]: FailureCost } = {
  agent_failed: 'attempt',
  verification_failed: 'attempt',
  contract_breached: 'attempt',
  protected_path: 'attempt',
  scope_exceeded: 'attempt',
  limit_exceeded: 'attempt',
  review_rejected: 'attempt',
  conflict: 'own_cap',
  infrastructure: 'own_cap',
  quota: 'own_cap',
  budget: 'park',
  lost: 'own_cap',
  inconclusive: 'pause',
  needs_replan: 'pause',
  unconfigured: 'pause',
  cancelled: 'end',
};

/** How often a failure that costs no attempt may happen to one task. */
export const OWN_CAP: { readonly [F in Failure]?: number } = {
  conflict: 5,
  infrastructure: 5,
  quota: 20,
  lost: 5,
};

export interface AttemptHistory {
  /** Failures of the task's ended attempts, this one included, oldest first. */
  readonly failures: readonly Failure[];
  readonly maxAttempts: number;
  /** Blocking violations of the task's rejected attempts, oldest first, this one included where it is one. */
  readonly violationCounts?: readonly number[];
}

export type RetryDecision =
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'give_up'; readonly reason: string }
  | { readonly kind: 'park' }
  | { readonly kind: 'pause'; readonly reason: string };

/** So many retries in a row that are no better than what they were to mend end a task early. */
const IDLE_RETRIES = 2;
const BY_VERDICT: readonly Failure[] = [
  'verification_failed',
  'contract_breached',
  'protected_path',
  'scope_exceeded',
];
const BASE_DELAY_MS = 250;
const MAX_DELAY_MS = 60_000;

/**
 * What follows an attempt that failed.
 *
 * @param history the task's failures so far, the latest last
 * @param jitter a number in [0, 1), so that the decision itself stays pure
 * @param minDelayMs the next attempt starts no sooner
 */
export function decideRetry(history: AttemptHistory, jitter: number, minDelayMs = 0): RetryDecision {
  const failure = history.failures.at(-1);
  if (failure === undefined) throw new Error('decideRetry needs at least one failure');
  switch (FAILURE_COST[failure]) {
    case 'end':
      throw new Error(`nothing follows an attempt that was ${failure}`);
    case 'park':
      return { kind: 'park' };
    case 'pause':
      return { kind: 'pause', reason: failure };
    case 'attempt': {
      const used = history.failures.filter((f) => FAILURE_COST[f] === 'attempt').length;
      if (used >= history.maxAttempts) {
        return {
          kind: 'give_up',
          reason: `${used} of ${history.maxAttempts} attempts failed, the last with ${failure}`,
        };
      }
      if (BY_VERDICT.includes(failure)) {
        const idle = idleRetries(history.violationCounts ?? []);
        if (idle !== null) return { kind: 'give_up', reason: idle };
      }
      return { kind: 'retry', delayMs: Math.max(minDelayMs, backoff(used, jitter)) };
    }
    case 'own_cap': {
      const cap = OWN_CAP[failure] ?? 1;
      const times = history.failures.filter((f) => f === failure).length;
      if (times >= cap) return { kind: 'give_up', reason: `${failure} happened ${times} times` };
      // A lost worker or a conflict says nothing about the task: it goes on at once.
      const delayMs = failure === 'lost' || failure === 'conflict' ? 0 : backoff(times, jitter);
      return { kind: 'retry', delayMs: Math.max(minDelayMs, delayMs) };
    }
  }
}

/** Why the last retries were in vain; null when one of them had fewer violations than the attempt before it. */
function idleRetries(counts: readonly number[]): string | null {
  const last = counts.slice(-IDLE_RETRIES - 1);
  if (last.length <= IDLE_RETRIES) return null;
  const idle = last.every((count, at) => at === 0 || count >= (last[at - 1] ?? 0));
  if (!idle) return null;
  return `${IDLE_RETRIES} retries in a row had no fewer violations than the attempt before them (${last.join(', ')})`;
}

/** Exponential, with jitter over the upper half of the interval. */
function backoff(times: number, jitter: number): number {
  const full = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (times - 1));
  return Math.round(full / 2 + (full / 2) * jitter);
}
