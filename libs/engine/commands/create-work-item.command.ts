import type { EngineDeps } from '../deps.js';
import type { NewWorkItem } from '../ports/assignment.port.js';

/** Work on a repository that is no task of a plan. @returns its id */
export async function createWorkItem(
  { store, ids }: Pick<EngineDeps, 'store' | 'ids'>,
  item: Omit<NewWorkItem, 'id'>,
): Promise<string> {
  const id = ids.next();
  await store.workItems.create({ ...item, id });
  return id;
}
