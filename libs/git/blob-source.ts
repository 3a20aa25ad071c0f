import type { BlobSource, TreeFile } from '#engine/ports/git.port.js';
import type { Mirrors } from './mirror.js';
import { objectId } from './names.js';
import type { GitRunner } from './runner.js';

/** Committed content of one repository. */
export class GitBlobSource implements BlobSource {
  constructor(
    private readonly runner: GitRunner,
    private readonly mirrors: Mirrors,
    private readonly repositoryId: string,
  ) {}

  /** Throws if neither mirror nor hub has the commit. */
  async tree(commit: string): Promise<readonly TreeFile[]> {
    const mirror = await this.mirrors.with(this.repositoryId, commit);
    const args = ['ls-tree', '-r', '-l', '-z', objectId(commit)];
    const { stdout } = await this.runner.run({ args, gitDir: mirror.path });
    const files: TreeFile[] = [];
    for (const entry of stdout.toString('utf8').split('\0')) {
      const [, mode, blob, size, path] = /^(\d+) blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(entry) ?? [];
      if (mode === undefined || blob === undefined || path === undefined) continue;
      files.push({ path, mode, blob, size: Number(size) });
    }
    return files;
  }

  /** Throws if one of them is missing or no blob. */
  async read(blobs: readonly string[]): Promise<readonly Buffer[]> {
    const { objects } = await this.mirrors.of(this.repositoryId);
    const read = await Promise.all(blobs.map((blob) => objects.read(blob)));
    return read.map((object, index) => {
      if (object?.type !== 'blob')
        throw new Error(`Blob ${blobs[index]} is not in repository ${this.repositoryId}.`);
      return object.content;
    });
  }
}
