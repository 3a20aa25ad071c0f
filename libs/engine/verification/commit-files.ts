import { comparePaths } from '#domain/spec/path-order.js';
import type { BlobSource, TreeFile } from '../ports/git.port.js';

/** The files of one commit by path. */
export class CommitFiles {
  private constructor(
    private readonly source: BlobSource,
    /** Ordered by path. */
    private readonly files: readonly TreeFile[],
  ) {}

  static async of(source: BlobSource, commit: string): Promise<CommitFiles> {
    return new CommitFiles(source, await source.tree(commit));
  }

  at(path: string): TreeFile | undefined {
    let low = 0;
    let high = this.files.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comparePaths(this.files[middle]?.path ?? '', path) < 0) low = middle + 1;
      else high = middle;
    }
    const found = this.files[low];
    return found?.path === path ? found : undefined;
  }

  /** Whether some file has this content. */
  holds(blob: string): boolean {
    return this.files.some((file) => file.blob === blob);
  }

  /** null where there is no such file. */
  async text(path: string): Promise<string | null> {
    const file = this.at(path);
    if (file === undefined) return null;
    const [content] = await this.source.read([file.blob]);
    return content?.toString('utf8') ?? null;
  }
}
