import { decideWorkItem, type WorkItemStep } from '#domain/assignments/work-item.js';
import { DomainError } from '#domain/domain-error.js';
import type { EngineDeps } from '../deps.js';

/** What somebody does with a work item. @throws DomainError `not_found`, or `conflict` naming the state */
export async function stepWorkItem(
  { store, ids }: Pick<EngineDeps, 'store' | 'ids'>,
  { id, actorId, step }: { readonly id: string; readonly actorId: string; readonly step: WorkItemStep },
): Promise<void> {
  const done = await store.workItems.change(id, actorId, (item) =>
    decideWorkItem(item, step, () => ids.next()),
  );
  if (!done)
    throw new DomainError('not_found', `There is no work item ${id}.`, {
      remedy: 'GET /api/work-items, or `planwright work-items`, has all of them.',
    });
}
