import { decideClaimTask } from '#domain/plan/decisions/by-hand.js';
import type { EngineDeps } from '../deps.js';
import { decideOnPlan, requireHand, type TaskCommand } from './on-known-plan.js';

/** A claim that ends unless heartbeats extend it. */
export interface ClaimLease {
  /** Of this claim alone: heartbeats, and what ends it, name it. */
  readonly token: string;
  readonly until: Date;
}

/**
 * A person, or a program outside, takes a task.
 *
 * @returns null for a claim that has no end
 * @throws DomainError `not_found`, or `conflict` naming the state
 */
export async function claimTask(
  deps: EngineDeps,
  command: TaskCommand & { readonly leaseSeconds?: number | undefined },
): Promise<ClaimLease | null> {
  const { taskNumber, actorId, leaseSeconds } = command;
  const token = deps.ids.next();
  let lease: ClaimLease | null = null;
  await decideOnPlan(deps, command, async (tx) => {
    const hand = await requireHand(tx, taskNumber);
    if (leaseSeconds !== undefined)
      lease = { token, until: new Date(tx.now.getTime() + leaseSeconds * 1_000) };
    return decideClaimTask(hand, actorId, () => token, leaseSeconds);
  });
  return lease;
}
