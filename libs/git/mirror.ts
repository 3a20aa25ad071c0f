import { mkdir, mkdtemp, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { coreConfig, createFolderOnce, writeRepository } from './bare-repository.js';
import { parseCommit, type CommitHeader } from './commit-object.js';
import { CommitTrees } from './commit-trees.js';
import { exists, type Hub, type Hubs } from './hub.js';
import { fileId, objectId } from './names.js';
import { ObjectReader } from './object-reader.js';
import type { GitRunner } from './runner.js';

/** The worker's own bare repository for one hub: where trusted git runs and no agent can write. */
export class Mirror {
  private readonly fetches = new Map<string, Promise<void>>();
  readonly objects: ObjectReader;
  private readonly heads: ObjectReader;
  readonly trees: CommitTrees;

  constructor(
    private readonly runner: GitRunner,
    readonly repositoryId: string,
    readonly path: string,
    readonly hub: Hub,
  ) {
    const read = (flag: string) => () => runner.spawn({ args: ['cat-file', flag], gitDir: path });
    this.objects = new ObjectReader(read('--batch'));
    this.heads = new ObjectReader(read('--batch-check'), 'head');
    this.trees = new CommitTrees(this.objects, this.heads);
  }

  /** Tree and parents of a commit, fetched from the hub if it is missing here. Throws if the hub lacks it too. */
  async commit(id: string): Promise<CommitHeader> {
    const found = await this.lookUp(id);
    if (found !== null) return found;
    if (this.hub.path === null) await this.fetch(id);
    const fetched = await this.lookUp(id);
    if (fetched === null)
      throw new Error(`Commit ${id} is not in the hub of repository ${this.repositoryId}.`);
    return fetched;
  }

  /** Ends its helper processes. */
  async close(): Promise<void> {
    await Promise.all([this.objects.close(), this.heads.close()]);
  }

  private async lookUp(id: string): Promise<CommitHeader | null> {
    const object = await this.objects.read(id);
    if (object === null) return null;
    if (object.type !== 'commit') throw new Error(`${id} is a ${object.type}, not a commit.`);
    return parseCommit(object.content);
  }

  private fetch(id: string): Promise<void> {
    const running = this.fetches.get(id);
    if (running !== undefined) return running;
    // The ref is what the next fetch offers as already here.
    const refspec = `${id}:refs/planwright/fetched/${id}`;
    const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--update-shallow'];
    const fetched = this.runner
      .run({
        args: [...args, '--', this.hub.location, refspec],
        gitDir: this.path,
        settings: this.hub.settings,
      })
      .then(() => undefined)
      .finally(() => this.fetches.delete(id));
    this.fetches.set(id, fetched);
    return fetched;
  }
}

/** All mirrors of one worker. */
export class Mirrors {
  private readonly open = new Map<string, Promise<Mirror>>();

  constructor(
    private readonly runner: GitRunner,
    private readonly hubs: Hubs,
    private readonly home: string,
  ) {}

  /** The mirror of a repository, created where it is missing. Throws if there is no hub. */
  of(repositoryId: string): Promise<Mirror> {
    const known = this.open.get(repositoryId);
    if (known !== undefined) return known;
    const opened = this.create(repositoryId);
    this.open.set(repositoryId, opened);
    opened.catch(() => this.open.delete(repositoryId));
    return opened;
  }

  /** The mirror, once it has all the commits. */
  async with(repositoryId: string, ...commits: readonly string[]): Promise<Mirror> {
    const mirror = await this.of(repositoryId);
    await Promise.all(commits.map((commit) => mirror.commit(objectId(commit))));
    return mirror;
  }

  /** Ends the helper processes of all mirrors. */
  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.open.values());
    const mirrors = opened.filter((mirror) => mirror.status === 'fulfilled').map((mirror) => mirror.value);
    await Promise.all(mirrors.map((mirror) => mirror.close()));
  }

  private async create(repositoryId: string): Promise<Mirror> {
    const hub = this.hubs.of(repositoryId);
    const path = resolve(join(this.home, 'mirrors', `${fileId(repositoryId)}.git`));
    if (hub.path !== null && !(await exists(hub.path)))
      throw new Error(`Repository ${repositoryId} has no hub at ${hub.path}.`);
    if (!(await exists(path))) {
      const config = `${coreConfig(true)}[gc]\n\tauto = 0\n`;
      await createFolderOnce(path, (draft) =>
        writeRepository(draft, { config, head: 'ref: refs/heads/none\n', alternates: [] }),
      );
    }
    if (hub.path !== null) await borrow(path, hub.path);
    return new Mirror(this.runner, repositoryId, path, hub);
  }
}

/** Points the mirror at the hub's objects and at its list of shallow commits, wherever the hub lay before. */
async function borrow(mirror: string, hub: string): Promise<void> {
  const draft = await mkdtemp(join(mirror, '.new-'));
  await mkdir(join(mirror, 'objects/info'), { recursive: true });
  await writeFile(join(draft, 'alternates'), `${join(hub, 'objects')}\n`);
  await rename(join(draft, 'alternates'), join(mirror, 'objects/info/alternates'));
  const shallow = join(mirror, 'shallow');
  if ((await readlink(shallow).catch(() => null)) !== join(hub, 'shallow')) {
    await symlink(join(hub, 'shallow'), join(draft, 'shallow'));
    await rename(join(draft, 'shallow'), shallow);
  }
  await rm(draft, { recursive: true });
}
