import { DomainError } from '#domain/domain-error.js';

/** Audits that are computed at once. */
const AT_ONCE = 2;
const RETRY_AFTER_SECONDS = 5;

/** An audit takes threads, git and the database for as long as judging a plan does: few run at once, and one of a plan. */
export class AuditTurns {
  private readonly audited = new Set<string>();

  /**
   * Does the work if there is room for it.
   *
   * @param named the plan, as whoever asks named it
   * @throws DomainError `unavailable` when the plan is being audited, or as many as may be are
   */
  async run<T>(planId: string, named: string, work: () => Promise<T>): Promise<T> {
    if (this.audited.has(planId)) throw busy(`Plan ${named} is being audited already.`, 'that audit');
    if (this.audited.size >= AT_ONCE)
      throw busy(`${AT_ONCE} plans are being audited, as many as may be at once.`, 'one of those audits');
    this.audited.add(planId);
    try {
      return await work();
    } finally {
      this.audited.delete(planId);
    }
  }
}

function busy(message: string, ends: string): DomainError {
  const remedy = `Ask again when ${ends} has ended.`;
  return new DomainError('unavailable', message, { remedy, retryAfterSeconds: RETRY_AFTER_SECONDS });
}
