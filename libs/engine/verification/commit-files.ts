import type { Folder } from '#domain/spec/folder.js';
import type { BlobSource, TreeFile } from '../ports/git.port.js';

/** The files of one commit by path. */
export class CommitFiles {
  private constructor(
    private readonly source: BlobSource,
    private readonly files: Folder<TreeFile>,
  ) {}

  static async of(source: BlobSource, commit: string): Promise<CommitFiles> {
    return new CommitFiles(source, await source.tree(commit));
  }

  at(path: string): TreeFile | undefined {
    return this.files.at(path);
  }

  /** Whether some file has this content. */
  holds(blob: string): boolean {
    return this.files.list().some((file) => file.blob === blob);
  }

  /** null where there is no such file. */
  async text(path: string): Promise<string | null> {
    const file = this.at(path);
    if (file === undefined) return null;
    const [content] = await this.source.read([file.blob]);
    return content?.toString('utf8') ?? null;
  }
}
