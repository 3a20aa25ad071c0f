import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitMessage, GitPort, Workspace } from '#engine/ports/git.port.js';
import { createOrigin, TEST_PATH, TemporaryFolder, writeFiles } from './git-repositories.js';
import { Workspaces } from '#engine/workspaces.js';
import { createGit } from '#git/git-adapter.js';
import type { OriginCredentials } from '#git/origin-credentials.js';
import type { Sandbox } from '#sandbox/sandbox.js';
import { createSetup } from '#setup/setup-adapter.js';
import { testSandbox } from './sandbox.js';

export const REPOSITORY = 'repo-1';
export const PLAN = 'plan-1';

/** A commit message that is the same in every test run. */
export function message(subject: string): CommitMessage {
  return {
    subject,
    body: 'Task 1.2',
    author: { name: 'Planwright', email: 'planwright@example.com' },
    timestamp: 1_700_000_000,
  };
}

/** Everything one test needs: a folder, a hub, a worker, an origin that was imported. */
export class GitTestKit {
  private readonly opened: GitPort[] = [];

  private constructor(
    readonly folder: TemporaryFolder,
    /** Starts the commands of set-ups; it isolates nothing. */
    private readonly sandbox: Sandbox,
  ) {}

  static async create(): Promise<GitTestKit> {
    const folder = await TemporaryFolder.create();
    return new GitTestKit(folder, await testSandbox({ mode: 'off', tempRoot: join(folder.path, 'tmp') }));
  }

  get hubBase(): string {
    return join(this.folder.path, 'hubs');
  }

  get hub(): string {
    return join(this.hubBase, `${REPOSITORY}.git`);
  }

  home(worker = 'worker'): string {
    return join(this.folder.path, worker);
  }

  get mirror(): string {
    return join(this.home(), 'mirrors', `${REPOSITORY}.git`);
  }

  /** A worker of its own process, as far as git can tell. */
  worker(
    name = 'worker',
    config: {
      readonly hubBase?: string;
      readonly diffLimitBytes?: number;
      readonly diffTotalBytes?: number;
      readonly originCredentials?: OriginCredentials;
    } = {},
  ): GitPort {
    const port = createGit({ home: this.home(name), hubBase: this.hubBase, path: TEST_PATH, ...config });
    this.opened.push(port);
    return port;
  }

  /** Prepared workspaces of a worker. */
  workspaces(
    git: Pick<GitPort, 'openWorkspace' | 'blobs'>,
    name = 'worker',
    cacheMegabytes = 100,
  ): Workspaces {
    const config = { path: TEST_PATH, home: this.home(name), portBase: 42_000, cacheMegabytes };
    return new Workspaces({ git, setup: createSetup({ ...config, sandbox: this.sandbox }) });
  }

  /** Imports a new origin with these files and returns its commit. */
  async imported(port: GitPort, files?: Readonly<Record<string, string | Buffer>>): Promise<string> {
    const origin = await createOrigin(await this.folder.next('origin'), files);
    return (await port.importBase({ repositoryId: REPOSITORY, origin, base: null })).commit;
  }

  async workspace(port: GitPort, commit: string): Promise<Workspace> {
    return port.openWorkspace({ repositoryId: REPOSITORY, commit, pool: 'executor' });
  }

  /** One commit on a base that writes some files and deletes others; it stays in the worker's mirror. */
  async candidate(
    port: GitPort,
    base: string,
    change: {
      readonly write?: Readonly<Record<string, string | Buffer>>;
      readonly remove?: readonly string[];
    },
    subject = 'Change',
  ): Promise<string> {
    const workspace = await this.workspace(port, base);
    try {
      await writeFiles(workspace.path, change.write ?? {});
      for (const path of change.remove ?? []) await rm(join(workspace.path, path), { recursive: true });
      return (await workspace.commit(message(subject))).commit;
    } finally {
      await workspace.release();
    }
  }

  async remove(): Promise<void> {
    await Promise.all(this.opened.map((port) => port.close()));
    await this.folder.remove();
  }
}
