import fc from 'fast-check';
import { decideRetry, FAILURE_COST, FAILURES, OWN_CAP, type Failure } from './retry.js';

const ofCost = (cost: string) => FAILURES.filter((failure) => FAILURE_COST[failure] === cost);
const times = (failure: Failure, n: number): Failure[] => Array.from({ length: n }, () => failure);
const followed = fc.constantFrom(...FAILURES.filter((failure) => FAILURE_COST[failure] !== 'end'));
const history = fc.array(followed, { minLength: 1, maxLength: 40 });
const jitter = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('decideRetry', () => {
  it('marks each failure with the cost that the laws give it', () => {
    expect(ofCost('attempt').sort()).toEqual([
      'agent_failed',
      'contract_breached',
      'limit_exceeded',
      'protected_path',
      'review_rejected',
      'scope_exceeded',
      'verification_failed',
    ]);
    expect(ofCost('own_cap').sort()).toEqual(['conflict', 'infrastructure', 'lost', 'quota']);
    expect(ofCost('park')).toEqual(['budget']);
    expect(ofCost('pause').sort()).toEqual(['inconclusive', 'needs_replan', 'unconfigured']);
    expect(ofCost('end')).toEqual(['cancelled']);
  });

  it('gives every failure with a cap of its own such a cap, so that no poisonous task loops for ever', () => {
    for (const failure of ofCost('own_cap')) expect(OWN_CAP[failure]).toBeGreaterThan(0);
  });

  it.each(ofCost('attempt'))('%s uses up attempts and gives up at the last, with its reason', (failure) => {
    expect(decideRetry({ failures: times(failure, 2), maxAttempts: 3 }, 0.5).kind).toBe('retry');
    const last = decideRetry({ failures: times(failure, 3), maxAttempts: 3 }, 0.5);
    expect(last).toEqual({ kind: 'give_up', reason: `3 of 3 attempts failed, the last with ${failure}` });
  });

  it.each(ofCost('own_cap'))('%s uses up no attempt and gives up at its own cap', (failure) => {
    const cap = OWN_CAP[failure] ?? 0;
    expect(decideRetry({ failures: times(failure, cap - 1), maxAttempts: 1 }, 0).kind).toBe('retry');
    expect(decideRetry({ failures: times(failure, cap), maxAttempts: 1 }, 0).kind).toBe('give_up');
  });

  it.each(ofCost('pause'))('%s stops at once, whatever attempts are left', (failure) => {
    expect(decideRetry({ failures: [failure], maxAttempts: 20 }, 0).kind).toBe('pause');
  });

  it.each(ofCost('park'))('%s parks the task however often it happens, and uses up no attempt', (failure) => {
    expect(decideRetry({ failures: times(failure, 50), maxAttempts: 1 }, 0)).toEqual({ kind: 'park' });
    const failures: Failure[] = [...times(failure, 50), 'agent_failed'];
    expect(decideRetry({ failures, maxAttempts: 2 }, 0).kind).toBe('retry');
  });

  it('counts caps of their own apart from each other and from attempts', () => {
    const failures: Failure[] = [
      ...times('lost', 4),
      ...times('conflict', 4),
      'agent_failed',
      'infrastructure',
    ];
    expect(decideRetry({ failures, maxAttempts: 2 }, 0).kind).toBe('retry');
    expect(decideRetry({ failures: [...failures, 'lost'], maxAttempts: 2 }, 0).kind).toBe('give_up');
    expect(decideRetry({ failures: [...failures, 'agent_failed'], maxAttempts: 2 }, 0).kind).toBe('give_up');
  });

  it('goes on at once after a lost worker or a conflict', () => {
    for (const failure of ['lost', 'conflict'] as const) {
      expect(decideRetry({ failures: [failure], maxAttempts: 3 }, 0.9)).toEqual({
        kind: 'retry',
        delayMs: 0,
      });
    }
  });

  it('throws after an attempt that was cancelled: nothing follows it', () => {
    expect(() => decideRetry({ failures: ['cancelled'], maxAttempts: 3 }, 0)).toThrow('cancelled');
  });

  it('does not count attempts that a pause cancelled', () => {
    const failures: Failure[] = ['agent_failed', 'cancelled', 'cancelled', 'cancelled', 'agent_failed'];
    expect(decideRetry({ failures, maxAttempts: 3 }, 0)).toEqual({ kind: 'retry', delayMs: 250 });
  });

  it('throws without a failure', () => {
    expect(() => decideRetry({ failures: [], maxAttempts: 3 }, 0)).toThrow('at least one failure');
  });

  it('waits exponentially longer, within the upper half of each interval, up to a minute', () => {
    const delay = (n: number, by: number) => {
      const next = decideRetry({ failures: times('agent_failed', n), maxAttempts: 100 }, by);
      return next.kind === 'retry' ? next.delayMs : NaN;
    };
    expect([1, 2, 3, 4].map((n) => delay(n, 0))).toEqual([125, 250, 500, 1_000]);
    expect([1, 2, 3, 4].map((n) => delay(n, 0.999_999))).toEqual([250, 500, 1_000, 2_000]);
    expect(delay(40, 0)).toBe(30_000);
    expect(delay(90, 0.999_999)).toBe(60_000);
  });

  it('keeps every delay between 0 and a minute, whole, and never retries beyond a limit', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 20 }), jitter, (failures, maxAttempts, by) => {
        const next = decideRetry({ failures, maxAttempts }, by);
        if (next.kind !== 'retry') return;
        expect(Number.isInteger(next.delayMs)).toBe(true);
        expect(next.delayMs).toBeGreaterThanOrEqual(0);
        expect(next.delayMs).toBeLessThanOrEqual(60_000);
        const last = failures.at(-1) as Failure;
        const used = failures.filter((failure) => FAILURE_COST[failure] === 'attempt').length;
        if (FAILURE_COST[last] === 'attempt') expect(used).toBeLessThan(maxAttempts);
        else expect(failures.filter((failure) => failure === last).length).toBeLessThan(OWN_CAP[last] ?? 0);
      }),
    );
  });

  it('ends every task: after as many failures as all limits together, nothing is retried', () => {
    const most = (maxAttempts: number) =>
      maxAttempts + ofCost('own_cap').reduce((sum, failure) => sum + (OWN_CAP[failure] ?? 0), 0);
    fc.assert(
      fc.property(fc.infiniteStream(followed), fc.integer({ min: 1, max: 20 }), (stream, max) => {
        const failures: Failure[] = [];
        for (const failure of stream) {
          failures.push(failure);
          if (decideRetry({ failures, maxAttempts: max }, 0).kind !== 'retry') break;
          expect(failures.length).toBeLessThan(most(max));
        }
      }),
    );
  });

  describe('retries that lead nowhere', () => {
    const rejected = (violationCounts: readonly number[], last: Failure = 'verification_failed') =>
      decideRetry(
        {
          failures: [...times('verification_failed', violationCounts.length - 1), last],
          maxAttempts: 20,
          violationCounts,
        },
        0,
      );

    it.each([[[5, 5, 5]], [[3, 4, 9]], [[9, 1, 1, 2]]])('end the task early: %j', (counts) => {
      expect(rejected(counts)).toEqual({
        kind: 'give_up',
        reason: `2 retries in a row had no fewer violations than the attempt before them (${counts.slice(-3).join(', ')})`,
      });
    });

    it.each([[[5, 5]], [[5, 4, 4]], [[5, 5, 4]], [[5, 6, 5]], [[1]]])('go on after %j', (counts) => {
      expect(rejected(counts).kind).toBe('retry');
    });

    it('are looked at where a verdict rejected the attempt, not where it failed otherwise', () => {
      expect(rejected([5, 5, 5], 'lost').kind).toBe('retry');
      expect(rejected([5, 5, 5], 'agent_failed').kind).toBe('retry');
    });
  });

  it('waits at least as long as it is told, whatever the failure', () => {
    for (const failure of ['quota', 'lost', 'agent_failed'] as const) {
      expect(decideRetry({ failures: [failure], maxAttempts: 3 }, 0, 7_200_000)).toEqual({
        kind: 'retry',
        delayMs: 7_200_000,
      });
    }
  });
});
