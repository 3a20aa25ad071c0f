import { DomainError } from '#domain/domain-error.js';
import type { OriginDeps } from '../deps.js';
import { GitRefusal } from '../ports/git-refusal.js';

/** How a plan stands to the branch that it is for, as the origin has that now. */
export interface DeliveryPreview {
  readonly branch: string;
  readonly tip: string;
  /** Commits of the target that the plan does not have, and the other way round. */
  readonly behind: number;
  readonly ahead: number;
  /** Files that both sides changed. */
  readonly touches: readonly string[];
  /** Those of them that do not merge. */
  readonly conflicts: readonly string[];
}

/**
 * Looks at the origin; nothing is changed but that the hub knows the target's tip.
 *
 * @throws DomainError `not_found`; `conflict` where the origin cannot be read, with what to do
 */
export async function previewDelivery(
  deps: OriginDeps,
  { planId, target }: { readonly planId: string; readonly target?: string | undefined },
): Promise<DeliveryPreview> {
  const facts = await deps.store.deliveries.deliveryFacts(planId);
  if (facts === null) throw new DomainError('not_found', `There is no plan ${planId}.`);
  const { repositoryId, origin, tipCommit } = facts;
  const branch = target ?? facts.targetBranch;
  const git = deps.git.deliveries;
  try {
    const tip = await git.fetchTarget({ repositoryId, origin, branch });
    const { behind, ahead, touches } = await git.compare({ repositoryId, tip: tipCommit, target: tip });
    const resolved = await deps.store.deliveries.resolutions(planId);
    const merged = await git.merge({ repositoryId, tip: tipCommit, target: tip, resolved });
    const conflicts = merged.kind === 'conflict' ? merged.files : [];
    return { branch, tip, behind, ahead, touches, conflicts };
  } catch (error) {
    if (!(error instanceof GitRefusal)) throw error;
    throw new DomainError('conflict', error.reason, { remedy: error.remedy });
  }
}
