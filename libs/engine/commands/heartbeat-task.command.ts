import { DomainError } from '#domain/domain-error.js';
import type { EngineDeps } from '../deps.js';

/**
 * Who has a task under a lease still works on it.
 *
 * @param claim.task as whoever asks names the task
 * @returns until when the lease holds now
 * @throws DomainError `conflict` when the claim is not there any more
 */
export async function heartbeatTask(
  deps: Pick<EngineDeps, 'store'>,
  claim: {
    readonly planId: string;
    readonly taskNumber: number;
    readonly task: string;
    readonly token: string;
  },
): Promise<Date> {
  const until = await deps.store.renewClaim(claim);
  if (until !== null) return until;
  throw new DomainError('conflict', `No claim of task ${claim.task} has that token and a lease.`, {
    remedy: 'It is over: stop the work on it, and claim the task again, if it can be claimed.',
  });
}
