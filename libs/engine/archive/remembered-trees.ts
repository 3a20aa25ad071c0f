import type { Folder } from '#domain/spec/folder.js';
import type { BlobSource, TreeFile } from '../ports/git.port.js';

const KEPT = 64;

/** A source that lists each of the last commits once: verdicts of one plan are about few bases. */
export function rememberedTrees(source: BlobSource): BlobSource {
  const trees = new Map<string, Promise<Folder<TreeFile>>>();
  return {
    read: (blobs) => source.read(blobs),
    tree(commit) {
      const known = trees.get(commit);
      if (known !== undefined) return known;
      const listing = source.tree(commit);
      trees.set(commit, listing);
      listing.catch(() => trees.delete(commit));
      for (const oldest of trees.keys()) {
        if (trees.size <= KEPT) break;
        trees.delete(oldest);
      }
      return listing;
    },
  };
}
