import type { OriginDeps } from '../deps.js';

/**
 * Brings the verified plan branch to the origin. A refusal is shown on the plan and never blocks it.
 *
 * @throws when the origin cannot be reached: the effect is tried again
 */
export async function publishPlan(deps: OriginDeps, planId: string): Promise<void> {
  const publication = await deps.store.publication(planId);
  if (publication === null) return;
  const { repositoryId, origin, branch, commit } = publication;
  const result = await deps.git.publish({ repositoryId, origin, branch, commit });
  if (result.kind === 'published') deps.reach('published');
  await deps.store.recordPublication(
    planId,
    result.kind === 'published' ? { commit } : { error: `${result.reason} ${result.remedy}` },
  );
}
