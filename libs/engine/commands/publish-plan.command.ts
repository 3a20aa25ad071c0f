import type { OriginDeps } from '../deps.js';

/**
 * Brings the verified plan branch to the origin. A refusal is shown on the plan and never blocks it.
 *
 * @throws when the origin cannot be reached: the effect is tried again
 */
export async function publishPlan(deps: OriginDeps, planId: string): Promise<void> {
  for (let last: string | null = null; ;) {
    const publication = await deps.store.publication(planId);
    // Whoever was slow may have brought what a rewind has left since: it is taken back at once.
    if (publication === null || publication.commit === last) return;
    const { commit } = publication;
    const result = await deps.git.publish(publication);
    if (result.kind === 'published') deps.reach('published');
    await deps.store.recordPublication(
      planId,
      result.kind === 'published' ? { commit } : { error: `${result.reason} ${result.remedy}` },
    );
    last = commit;
  }
}
