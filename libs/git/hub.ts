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
  /** Settings of git for every call that names the location. They can hold a secret: they go by environment. */
  readonly settings: readonly (readonly [string, string])[];
  /** The folder, where the hub lies on this machine. */
  readonly path: string | null;
}

/** The name that workers give themselves to a hub behind a URL. */
export const HUB_USER = 'worker';

/** Ref of the fence of a plan; throws for an unusable id. */
export function fenceRef(planId: string): string {
  return `refs/planwright/fence/${fileId(planId)}`;
}

/** Ref of the tip that a rewind left, by the epoch that it ended; throws for an unusable id. */
export function lineageRef(planId: string, lineage: number): string {
  return `refs/planwright/lineage/${fileId(planId)}/${lineage}`;
}

/** Where the hubs of this installation are. */
export class Hubs {
  private readonly settings: Hub['settings'];

  /** @param token what a hub behind an http(s) URL asks for */
  constructor(
    private readonly base: string,
    token?: string,
  ) {
    this.settings = /^https?:/i.test(base) ? httpSettings(base, token) : [];
  }

  /** The hub of a repository, whether it exists or not. */
  of(repositoryId: string): Hub {
    const name = `${fileId(repositoryId)}.git`;
    const { settings } = this;
    if (isUrl(this.base)) return { location: `${withoutSlash(this.base)}/${name}`, settings, path: null };
    const path = resolve(join(this.base, name));
    return { location: path, settings, path };
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

/**
 * The token is sent to the hub's own address and followed nowhere else. While a hub checks a large push it says no more
 * than a byte per second.
 */
function httpSettings(base: string, token: string | undefined): Hub['settings'] {
  const patience = [
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', '300'],
    ['http.followRedirects', 'false'],
  ] as const;
  if (token === undefined) return patience;
  const secret = Buffer.from(`${HUB_USER}:${token}`).toString('base64');
  return [...patience, [`http.${withoutSlash(base)}/.extraHeader`, `Authorization: Basic ${secret}`]];
}

function withoutSlash(base: string): string {
  return base.replace(/\/+$/, '');
}

/** True if something is at the path. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
