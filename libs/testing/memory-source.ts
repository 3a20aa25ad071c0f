import { createHash } from 'node:crypto';
import type { BlobSource } from '#engine/ports/git.port.js';

export type Files = Readonly<Record<string, string | Buffer | { readonly link: string }>>;

/** Commits held in memory, by name; remembers which blobs were read. */
export class MemorySource implements BlobSource {
  readonly reads: string[] = [];
  private readonly blobs = new Map<string, Buffer>();

  constructor(private readonly commits: Readonly<Record<string, Files>>) {}

  tree(commit: string) {
    const entries = Object.entries(this.commits[commit] ?? {}).map(([path, content]) => {
      const link = typeof content === 'object' && 'link' in content;
      const bytes = link ? Buffer.from(content.link) : Buffer.from(content as string);
      const blob = createHash('sha1').update(bytes).digest('hex');
      this.blobs.set(blob, bytes);
      return { path, mode: link ? '120000' : '100644', blob, size: bytes.length };
    });
    return Promise.resolve(entries);
  }

  read(blobs: readonly string[]) {
    this.reads.push(...blobs);
    return Promise.resolve(blobs.map((blob) => this.blobs.get(blob) as Buffer));
  }
}
