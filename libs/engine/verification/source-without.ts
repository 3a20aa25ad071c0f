import { createHash } from 'node:crypto';
import type { Folder } from '#domain/spec/folder.js';
import { withoutHunk, type Hunk } from '#domain/spec/strength.js';
import type { BlobSource, TreeFile } from '../ports/git.port.js';

/** The commit that a hunk was taken out of. */
export const REDUCED = 'reduced';

export interface Places {
  readonly source: BlobSource;
  readonly from: string;
  readonly to: string;
}

/**
 * The files of a commit without one hunk of its change: a tree that exists here only. All folders that the hunk is not in
 * are the same objects, so that whoever remembers by folder looks at one file.
 */
export async function sourceWithout(places: Places, hunk: Hunk): Promise<BlobSource> {
  const { source, from, to } = places;
  const after = await source.tree(to);
  const before = await source.tree(from);
  const changed = after.at(hunk.file);
  const reduced = changed === undefined ? null : await withoutLines(source, changed, hunk);
  if (reduced !== null) {
    const { file, content } = reduced;
    const files = after.with(new Map([[file.path, file]]));
    return new ReducedSource(source, files, new Map([[file.blob, content]]));
  }
  const old = before.at(hunk.oldFile ?? hunk.file);
  const changes = new Map<string, TreeFile | null>([[hunk.file, null]]);
  if (old !== undefined) changes.set(old.path, old);
  return new ReducedSource(source, after.with(changes), new Map());
}

async function withoutLines(source: BlobSource, file: TreeFile, { edit }: Hunk) {
  if (edit === null) return null;
  const [content] = await source.read([file.blob]);
  if (content === undefined) return null;
  const text = content.toString('utf8');
  // Text that is no UTF-8 would come back changed elsewhere.
  const reduced = Buffer.from(text, 'utf8').equals(content) ? withoutHunk(text, edit) : null;
  if (reduced === null) return null;
  const bytes = Buffer.from(reduced, 'utf8');
  return { file: { ...file, blob: blobId(bytes, file.blob.length), size: bytes.length }, content: bytes };
}

/** As git would name it, by the length of the repository's ids. */
function blobId(content: Buffer, length: number): string {
  const hash = createHash(length === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${content.length}\0`).update(content).digest('hex');
}

class ReducedSource implements BlobSource {
  constructor(
    private readonly whole: BlobSource,
    private readonly files: Folder<TreeFile>,
    private readonly contents: ReadonlyMap<string, Buffer>,
  ) {}

  tree(commit: string): Promise<Folder<TreeFile>> {
    return commit === REDUCED ? Promise.resolve(this.files) : this.whole.tree(commit);
  }

  async read(blobs: readonly string[]): Promise<readonly Buffer[]> {
    const stored = blobs.filter((blob) => !this.contents.has(blob));
    const read = stored.length === 0 ? [] : await this.whole.read(stored);
    const found = new Map(stored.map((blob, at) => [blob, read[at]]));
    return blobs.map((blob) => {
      const content = this.contents.get(blob) ?? found.get(blob);
      if (content === undefined) throw new Error(`blob ${blob} was not read`);
      return content;
    });
  }
}
