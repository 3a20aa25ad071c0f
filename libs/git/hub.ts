import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { coreConfig, createFolderOnce, writeRepository } from './bare-repository.js';
import { fileId, isUrl } from './names.js';

const HUB_CONFIG = `${coreConfig(true)}\thooksPath = /dev/null
[gc]
\tauto = 0
[maintenance]
\tauto = false
[receive]
\tautogc = false
\tadvertiseAtomic = true
\tshallowUpdate = true
[uploadpack]
\tallowAnySHA1InWant = true
`;

export interface Hub {
  /** What git is given to reach it. */
  readonly location: string;
  /** The folder, where the hub lies on this machine. */
  readonly path: string | null;
}

/** Ref of the fence of a plan; throws for an unusable id. */
export function fenceRef(planId: string): string {
  return `refs/planwright/fence/${fileId(planId)}`;
}

/** Where the hubs of this installation are. */
export class Hubs {
  constructor(private readonly base: string) {}

  /** The hub of a repository, whether it exists or not. */
  of(repositoryId: string): Hub {
    const name = `${fileId(repositoryId)}.git`;
    if (isUrl(this.base)) return { location: `${this.base.replace(/\/$/, '')}/${name}`, path: null };
    const path = resolve(join(this.base, name));
    return { location: path, path };
  }

  /** Creates a hub that lies on this machine where it is missing; a hub behind a URL is its server's to create. */
  async ensure(repositoryId: string): Promise<Hub> {
    const hub = this.of(repositoryId);
    if (hub.path === null || (await exists(hub.path))) return hub;
    await createFolderOnce(hub.path, (draft) =>
      writeRepository(draft, { config: HUB_CONFIG, head: 'ref: refs/heads/main\n', alternates: [] }),
    );
    return hub;
  }
}

/** True if something is at the path. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
