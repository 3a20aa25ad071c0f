import { decideArchive } from '#domain/plan/decisions/archive-plan.js';
import { refuseWhileDelivered } from '#domain/plan/decisions/deliver.js';
import type { OriginDeps } from '../deps.js';
import { finishArchive } from '../work/finish-archive.js';
import { decideOnPlan } from './on-known-plan.js';

/**
 * Closes a plan for ever: a signed archive goes into the hub, and nothing of the plan can change afterwards. Where the
 * hub cannot be reached the plan stays `archiving`, and the reconciler ends it.
 *
 * @throws DomainError `not_found`; `conflict` naming the state or the tasks that are open; `invalid`
 */
export async function archivePlan(
  deps: OriginDeps,
  command: {
    readonly planId: string;
    readonly actorId: string;
    readonly note?: string | undefined;
    /** With tasks open, too. */
    readonly force?: boolean | undefined;
  },
): Promise<void> {
  const { planId, actorId, note = null, force: forced = false } = command;
  await decideOnPlan(deps, command, async (tx) => {
    refuseWhileDelivered(tx.plan, await tx.openDelivery());
    return decideArchive(tx.plan, await tx.unendedTasks(), {
      note,
      forced,
      actorId,
      at: tx.now.toISOString(),
    });
  });
  try {
    await finishArchive(deps, planId);
  } catch (error) {
    deps.log.warn({ err: error, planId }, 'a plan could not be archived at once; the reconciler goes on');
  }
}
