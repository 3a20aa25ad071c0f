import { compileGlobs } from '#domain/spec/glob.js';
import { canonicalHash } from './canonical.js';
import type { GitPort, TreeFile, Workspace } from './ports/git.port.js';
import { SetupFailed, type SetupPort, type WorkspaceSetup } from './ports/setup.port.js';
import { commonVariables, workspaceEnvironment } from './workspace-environment.js';

export interface WorkspaceOrder {
  readonly repositoryId: string;
  readonly commit: string;
  /** A commit whose files it begins with, as work on `commit`; default: those of `commit`. */
  readonly files?: string;
  readonly pool: 'executor' | 'verifier';
  readonly setup: WorkspaceSetup | null;
  /** Commits whose set-up may serve others: bases, not what an agent has just made. Default: `commit`. */
  readonly trusted?: readonly string[];
  readonly signal: AbortSignal;
}

/** A checkout with the folders of its set-up. */
export interface PreparedWorkspace extends Workspace {
  /** For whatever runs in it. */
  readonly env: Readonly<Record<string, string>>;
  /** False when the commands of the set-up had to run for it. */
  readonly cached: boolean;
}

/** Where a set-up's commands run, and under which key the result is kept. */
interface Recipe {
  readonly key: string;
  readonly commit: string;
}

const KEPT = 32;

/** Opens workspaces and prepares them as their plan says. */
export class Workspaces {
  private readonly recent = new Map<string, Promise<string>>();

  constructor(
    private readonly deps: {
      readonly git: Pick<GitPort, 'openWorkspace' | 'blobs'>;
      readonly setup: SetupPort;
    },
  ) {}

  /** @throws SetupFailed when it cannot be prepared; the signal's reason when aborted */
  async open(order: WorkspaceOrder): Promise<PreparedWorkspace> {
    const { git, setup: port } = this.deps;
    const { repositoryId, commit, pool, setup, signal } = order;
    const place = {
      repositoryId,
      commit,
      pool,
      ...(order.files === undefined ? {} : { files: order.files }),
    };
    if (setup === null) {
      const workspace = await git.openWorkspace(place);
      return { ...workspace, env: port.environment(workspace.slot), cached: true };
    }
    const recipe = await this.recipe(order, setup);
    const exclude = [...setup.caches, ...(setup.envFile === undefined ? [] : [setup.envFile])];
    const workspace = await git.openWorkspace({ ...place, exclude });
    try {
      const env = workspaceEnvironment(port.environment(workspace.slot), setup.env);
      const { cached } = await port.install({
        key: recipe.key,
        setup,
        commandEnv: commonVariables(setup.env),
        into: workspace.path,
        env,
        openCheckout: () => git.openWorkspace({ repositoryId, commit: recipe.commit, pool: 'setup' }),
        signal,
      });
      return { ...workspace, env, cached };
    } catch (error) {
      await workspace.release();
      throw error;
    }
  }

  /**
   * The commands run code of the commit that they run on. Where a trusted commit has the same inputs, they run on that
   * one; where none has, the result serves this commit alone. A candidate can thus prepare nothing for any other.
   */
  private async recipe(order: WorkspaceOrder, setup: WorkspaceSetup): Promise<Recipe> {
    const { repositoryId, commit, trusted = [commit] } = order;
    const key = await this.keyOf(repositoryId, commit, setup);
    if (trusted.includes(commit)) return { key, commit };
    for (const other of trusted) {
      if ((await this.keyOf(repositoryId, other, setup)) === key) return { key, commit: other };
    }
    return { key: canonicalHash({ key, commit }), commit };
  }

  /** Attempts share their base, and runs of checks their commits: the last few are remembered. */
  private keyOf(repositoryId: string, commit: string, setup: WorkspaceSetup): Promise<string> {
    const { commands, inputs, caches, env, network, envFile } = setup;
    const recipe = { commands, inputs, caches, env: commonVariables(env), network };
    const id = canonicalHash({ repositoryId, commit, recipe, envFile: envFile ?? null });
    const key = this.recent.get(id) ?? this.computeKey(repositoryId, commit, setup, recipe);
    this.recent.delete(id);
    this.recent.set(id, key);
    key.catch(() => this.recent.delete(id));
    for (const oldest of this.recent.keys()) {
      if (this.recent.size <= KEPT) break;
      this.recent.delete(oldest);
    }
    return key;
  }

  private async computeKey(
    repositoryId: string,
    commit: string,
    setup: WorkspaceSetup,
    recipe: object,
  ): Promise<string> {
    const files = (await this.deps.git.blobs(repositoryId).tree(commit)).list();
    refuseTracked(setup, files);
    const isInput = compileGlobs(setup.inputs);
    const inputs = files
      .filter(({ path }) => isInput(path))
      .map(({ path, mode, blob }) => [path, mode, blob]);
    // The repository too: another one's code may have run for the same lock file.
    return canonicalHash({ repositoryId, recipe, inputs, platform: this.deps.setup.platform });
  }
}

/** What git tracks belongs to the commit; a set-up that made it too would change, or hide, the candidate. */
function refuseTracked({ caches, envFile }: WorkspaceSetup, files: readonly TreeFile[]): void {
  for (const place of [...caches, ...(envFile === undefined ? [] : [envFile])]) {
    const tracked = files.find(({ path }) => path === place || path.startsWith(`${place}/`));
    if (tracked === undefined) continue;
    const message = `The set-up makes ${place}, but the repository tracks ${tracked.path}. Name a path that git does not track.`;
    throw new SetupFailed(message, 1, '');
  }
}
