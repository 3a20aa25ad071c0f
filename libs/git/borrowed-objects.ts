import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exists } from './hub.js';

/**
 * The object folders that the git directory in a workspace borrows from: the mirror's, and those that the mirror
 * itself borrows. They follow from where the workspace lies; what the workspace says of itself may be an agent's
 * invention. None where the folder is no workspace.
 *
 * @param tree path of a workspace: `<worker>/pools/<kind>/<repository>/<n>/tree`
 */
export async function borrowedObjects(tree: string): Promise<string[]> {
  const repository = dirname(dirname(tree));
  const worker = dirname(dirname(dirname(repository)));
  const objects = join(worker, 'mirrors', `${basename(repository)}.git`, 'objects');
  if (!(await exists(objects))) return [];
  const alternates = await readFile(join(objects, 'info/alternates'), 'utf8').catch(() => '');
  return [objects, ...alternates.split('\n').filter((line) => line !== '')];
}
