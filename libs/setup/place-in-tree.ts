import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { SetupFailed } from '#engine/ports/setup.port.js';

/**
 * The absolute path of a place in a tree, of which no part on the way is a link or anything but a folder: a commit,
 * or a command, may hold a link that leads out of the tree.
 *
 * @throws SetupFailed when the place is not, or not surely, inside of the tree
 */
export async function placeInTree(tree: string, place: string): Promise<string> {
  const parts = place.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part === '.git'))
    throw refusal(place, 'must be relative, without empty parts, `.`, `..` and `.git`');
  let folder = tree;
  for (const part of parts.slice(0, -1)) {
    folder = path.join(folder, part);
    const stats = await lstat(folder).catch(() => null);
    if (stats !== null && !stats.isDirectory())
      throw refusal(place, `lies behind ${part}, which is no folder`);
  }
  return path.join(tree, ...parts);
}

/** @throws SetupFailed when one place is named twice or lies in another */
export function refuseOverlaps(places: readonly string[]): void {
  for (const [index, place] of places.entries()) {
    const other = places.find((it, at) => at !== index && `${place}/`.startsWith(`${it}/`));
    if (other !== undefined) throw refusal(place, `lies in ${other}, which is named as well`);
  }
}

function refusal(place: string, why: string): SetupFailed {
  return new SetupFailed(`The path ${place} of the set-up ${why}.`, 1, '');
}
