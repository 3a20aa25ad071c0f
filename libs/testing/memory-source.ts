import { createHash } from 'node:crypto';
import { Folder } from '#domain/spec/folder.js';
import { byPath } from '#domain/spec/path-order.js';
import type { BlobSource, TreeFile } from '#engine/ports/git.port.js';

export type Files = Readonly<Record<string, string | Buffer | { readonly link: string }>>;

/**
 * Commits held in memory, by name; remembers which blobs were read. As git's, the listing of a commit shares the folders
 * in which nothing differs from the one listed before.
 */
export class MemorySource implements BlobSource {
  readonly reads: string[] = [];
  private readonly blobs = new Map<string, Buffer>();
  private last = Folder.of<TreeFile>([]);

  constructor(private readonly commits: Readonly<Record<string, Files>>) {}

  tree(commit: string) {
    const files = Object.entries(this.commits[commit] ?? {}).map(([path, content]) => {
      const link = typeof content === 'object' && 'link' in content;
      const bytes = link ? Buffer.from(content.link) : Buffer.from(content as string);
      const blob = createHash('sha1').update(bytes).digest('hex');
      this.blobs.set(blob, bytes);
      return { path, mode: link ? '120000' : '100644', blob, size: bytes.length };
    });
    this.last = sharing(this.last, files.sort(byPath));
    return Promise.resolve(this.last);
  }

  read(blobs: readonly string[]) {
    this.reads.push(...blobs);
    return Promise.resolve(blobs.map((blob) => this.blobs.get(blob) as Buffer));
  }
}

function sharing(before: Folder<TreeFile>, files: readonly TreeFile[]): Folder<TreeFile> {
  const now = Folder.of(files);
  const changes = new Map<string, TreeFile | null>();
  for (const { path } of before.list()) if (now.at(path) === undefined) changes.set(path, null);
  for (const file of files) {
    const old = before.at(file.path);
    if (old?.blob !== file.blob || old.mode !== file.mode) changes.set(file.path, file);
  }
  return before.with(changes);
}
