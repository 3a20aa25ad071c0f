import type { Folder } from '#domain/spec/folder.js';
import type { BlobSource, TreeFile } from '#engine/ports/git.port.js';
import type { Mirrors } from './mirror.js';
import { objectId } from './names.js';

/** Committed content of one repository. */
export class GitBlobSource implements BlobSource {
  constructor(
    private readonly mirrors: Mirrors,
    private readonly repositoryId: string,
  ) {}

  /** Throws if neither mirror nor hub has the commit. */
  async tree(commit: string): Promise<Folder<TreeFile>> {
    const mirror = await this.mirrors.of(this.repositoryId);
    return await mirror.trees.of((await mirror.commit(objectId(commit))).tree);
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
