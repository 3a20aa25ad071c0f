import { resolve } from 'node:path';
import type { GitPort } from '#engine/ports/git.port.js';
import { applyPatch } from './apply-patch.js';
import { createArchiveGit } from './archive.js';
import { GitBlobSource } from './blob-source.js';
import { treeOf } from './commit-object.js';
import { createDeliveryGit } from './deliver.js';
import { diffCommits } from './diff.js';
import { GitHelper } from './helper-process.js';
import { Hubs } from './hub.js';
import { importBase } from './import-base.js';
import { rebase } from './integrate.js';
import { Lanes } from './lane.js';
import { Mirrors } from './mirror.js';
import { objectId } from './names.js';
import { OriginGit } from './origin.js';
import type { OriginCredentials } from './origin-credentials.js';
import { patchId } from './patch-id.js';
import { publish } from './publish.js';
import { GitRunner } from './runner.js';
import { importSubmission, isSubmission, squash } from './submission.js';
import { createUpkeepGit } from './upkeep.js';
import { WorkspacePool } from './workspace-pool.js';

const DIFF_LIMIT_BYTES = 256 * 1024;
const DIFF_TOTAL_BYTES = 4 * 1024 * 1024;

export interface GitConfig {
  /** This worker's own folder: mirrors and pools. */
  readonly home: string;
  /** Folder, or URL, that holds the hubs: `<hubBase>/<repositoryId>.git`. */
  readonly hubBase: string;
  /** What hubs behind an http(s) URL ask for; it is given to git by environment. */
  readonly hubToken?: string;
  /** PATH that git is found by and runs with. */
  readonly path: string;
  /** The compiled `helper-main`, which starts git for a process whose size would make each start dear. */
  readonly helper?: string;
  /** Largest text of one file in a diff. */
  readonly diffLimitBytes?: number;
  /** Largest text of all files of a diff together. */
  readonly diffTotalBytes?: number;
  /** What the transport of a remote origin needs: SSH_AUTH_SOCK, HOME … */
  readonly originEnvironment?: Readonly<Record<string, string>>;
  readonly originCredentials?: OriginCredentials;
}

/** Git for the engine. Errors are `GitRefusal` for what a person can mend, `GitError` where git failed. */
export function createGit(config: GitConfig): GitPort {
  const home = resolve(config.home);
  const helper = config.helper === undefined ? null : new GitHelper(config.helper);
  const runner = new GitRunner({ home, path: config.path, ...(helper && { carryOut: helper.run }) });
  const hubs = new Hubs(config.hubBase, config.hubToken);
  const mirrors = new Mirrors(runner, hubs, home);
  const pool = new WorkspacePool(runner, mirrors, home);
  const lanes = new Lanes(runner);
  const git = new OriginGit(runner, config.originEnvironment ?? {}, config.originCredentials);
  const origins = { runner, git, hubs, mirrors, imported: new Map<string, readonly string[]>() };
  const limit = config.diffLimitBytes ?? DIFF_LIMIT_BYTES;
  const total = config.diffTotalBytes ?? DIFF_TOTAL_BYTES;

  return {
    importBase: (input) => importBase(origins, input),
    importSubmission: (input) => importSubmission(origins, input),
    publish: (input) => publish(origins, input),
    openWorkspace: (input) => pool.open(input),
    pushNew: async ({ repositoryId, commit, ref }) =>
      lanes.pushNew(await mirrors.with(repositoryId, commit), commit, ref),
    isSubmission: async ({ repositoryId, commit }) =>
      isSubmission(runner, await mirrors.of(repositoryId), commit),
    squash: async ({ repositoryId, commit, onto, message }) =>
      squash(runner, await mirrors.with(repositoryId, commit, onto), { commit, onto, message }),
    applyPatch: async ({ repositoryId, ...input }) =>
      applyPatch(runner, await mirrors.with(repositoryId, input.onto), input),
    patchId: async ({ repositoryId, from, to }) =>
      patchId(runner, await mirrors.with(repositoryId, from, to), { from, to }),
    rebase: async (input) => rebase(runner, await mirrors.of(input.repositoryId), input),
    readLane: async ({ repositoryId, planId, branch }) =>
      lanes.read(await mirrors.of(repositoryId), planId, branch),
    moveFence: async ({ repositoryId, planId, expected, value }) =>
      lanes.moveFence(await mirrors.of(repositoryId), planId, expected, value),
    pushPlanBranch: async (input) => {
      const { newTip, expectedTip } = input;
      const commits = expectedTip === null ? [newTip] : [newTip, expectedTip];
      return lanes.pushPlanBranch(await mirrors.with(input.repositoryId, ...commits), input);
    },
    listRefs: async ({ repositoryId, under }) => lanes.list(await mirrors.of(repositoryId), under),
    deleteRefs: async ({ repositoryId, refs }) => lanes.remove(await mirrors.of(repositoryId), refs),
    rewindPlanBranch: async ({ repositoryId, ...input }) =>
      lanes.rewindPlanBranch(await mirrors.with(repositoryId, input.from, input.to), input),
    diff: async ({ repositoryId, from, to }) =>
      diffCommits(runner, await mirrors.with(repositoryId, from, to), {
        from: objectId(from),
        to,
        limit,
        total,
      }),
    treeOf: async ({ repositoryId, commit }) =>
      treeOf((await mirrors.with(repositoryId, commit)).objects, commit),
    blobs: (repositoryId) => new GitBlobSource(mirrors, repositoryId),
    deliveries: createDeliveryGit(origins),
    upkeep: createUpkeepGit({ runner, hubBase: config.hubBase, home }),
    archives: createArchiveGit({ runner, mirrors, lanes, home, path: config.path }),
    close: async () => {
      await pool.close();
      await mirrors.close();
      helper?.close();
    },
  };
}
