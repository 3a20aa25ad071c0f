import { DecisionBuilder } from '#domain/plan/decision.js';
import type { OriginDeps } from '../deps.js';
import type { HubRef } from '../ports/git.port.js';
import type { PrunablePlan } from '../ports/store.port.js';
import { onPlan } from '../unit-of-work.js';

export interface PruneCommand {
  readonly actorId: string;
  readonly days: number;
  /** Only of this plan. */
  readonly planId: string | null;
  /** False: only says what would go. */
  readonly confirm: boolean;
}

export interface Pruned {
  readonly before: Date;
  readonly plans: readonly (PrunablePlan & { readonly refs: number })[];
}

/** Where attempts and integrations leave commits; the name of a ref begins with the id of its row. */
const FOLDERS = ['candidates', 'failures', 'integrations'].map((name) => `refs/planwright/${name}/`);
const OWNER = /\/([0-9a-f-]{36})-[^/]*$/;

/**
 * Removes old snapshots: the stored diffs of plans that ended, and the refs that keep what never came onto a plan branch.
 * Checkpoints, plan branches and lineages stay, and so do the rows: what was pruned is still counted. Nothing of a plan
 * that has not ended is touched; of an archived one, only refs.
 *
 * @returns what went, or would go
 */
export async function prune(deps: OriginDeps, command: PruneCommand): Promise<Pruned> {
  const { days, planId, confirm, actorId } = command;
  const { before, plans } = await deps.store.prunable({ days, planId });
  const refsOf = new Map<string, number>();
  for (const repositoryId of new Set(plans.map((plan) => plan.repositoryId))) {
    const own = plans.filter((plan) => plan.repositoryId === repositoryId);
    const refs = await oldRefs(deps, repositoryId, own);
    for (const { planId: owner } of refs) refsOf.set(owner, (refsOf.get(owner) ?? 0) + 1);
    if (confirm && refs.length > 0) await deps.git.deleteRefs({ repositoryId, refs });
  }
  if (confirm) {
    for (const plan of plans) {
      const refs = refsOf.get(plan.id) ?? 0;
      if (!plan.isArchived) await pruneRows(deps, plan, { before, refs, actorId });
    }
  }
  const found = plans.map((plan) => ({ ...plan, refs: refsOf.get(plan.id) ?? 0 }));
  return { before, plans: found.filter(({ snapshots, refs }) => snapshots + refs > 0) };
}

/** Refs of the hub whose attempts and integrations belong to these plans. */
async function oldRefs(
  deps: OriginDeps,
  repositoryId: string,
  plans: readonly PrunablePlan[],
): Promise<(HubRef & { readonly planId: string })[]> {
  const refs = await deps.git.listRefs({ repositoryId, under: FOLDERS });
  const ids = refs.flatMap(({ ref }) => OWNER.exec(ref)?.[1] ?? []);
  const owners = await deps.store.ownersOf(
    plans.map(({ id }) => id),
    ids,
  );
  return refs.flatMap((each) => {
    const planId = owners.get(OWNER.exec(each.ref)?.[1] ?? '');
    return planId === undefined ? [] : [{ ...each, planId }];
  });
}

async function pruneRows(
  deps: OriginDeps,
  { id, snapshots }: PrunablePlan,
  { before, refs, actorId }: { readonly before: Date; readonly refs: number; readonly actorId: string },
): Promise<void> {
  if (snapshots + refs === 0) return;
  await onPlan(deps, id, async (tx) => {
    await tx.pruneSnapshots(before);
    const event = { before: before.toISOString(), snapshots, refs };
    await tx.apply(new DecisionBuilder(tx.plan).event('snapshot.pruned', event).done(), actorId);
  });
}
