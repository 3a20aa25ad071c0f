import { lstat, rename } from 'node:fs/promises';
import path from 'node:path';
import { SetupFailed, type InstallOrder, type SetupPort } from '#engine/ports/setup.port.js';
import type { Sandbox } from '#sandbox/sandbox.js';
import { writeEnvFile } from './env-file.js';
import { FileTools } from './file-tools.js';
import { placeInTree, refuseOverlaps } from './place-in-tree.js';
import { runCommands } from './run-commands.js';
import { SetupCache } from './setup-cache.js';
import { slotEnvironment } from './slot-environment.js';

export interface SetupConfig {
  /** PATH of the programs that copy and remove. */
  readonly path: string;
  readonly sandbox: Sandbox;
  /** The worker's own folder: the cache goes to `setup/` in it. */
  readonly home: string;
  /** The first port of the first workspace. */
  readonly portBase: number;
  /** How large the cache may grow. */
  readonly cacheMegabytes: number;
}

/** Prepares workspaces of one worker. What its cache holds was made in clean checkouts, never where an agent wrote. */
export function createSetup(config: SetupConfig): SetupPort {
  const tools = new FileTools(config.path);
  const cache = new SetupCache(path.join(config.home, 'setup'), config.cacheMegabytes * 1_024, tools);
  return {
    platform: `${process.platform} ${process.arch} node ${process.version}`,
    environment: (slot) => slotEnvironment(slot, config.portBase, config.home),
    async install(order) {
      const cached = await provideFolders(order, cache, config.sandbox);
      const { envFile } = order.setup;
      if (envFile !== undefined) await writeEnvFile(await placeInTree(order.into, envFile), order.env);
      return { cached };
    },
  };
}

async function provideFolders(order: InstallOrder, cache: SetupCache, sandbox: Sandbox): Promise<boolean> {
  const { key, setup, into, commandEnv: env, signal } = order;
  if (setup.commands.length === 0) return true;
  if (setup.caches.length === 0)
    throw new SetupFailed(
      'The set-up has commands but names no folder in caches: what they make would reach no workspace. Name the folders.',
      1,
      '',
    );
  refuseOverlaps(setup.caches);
  const targets = await Promise.all(setup.caches.map((place) => placeInTree(into, place)));
  return cache.provide({
    key,
    targets,
    signal,
    make: async (folders) => {
      const checkout = await order.openCheckout();
      try {
        await runCommands({ sandbox, setup, env, cwd: checkout.path, signal });
        for (const [index, place] of setup.caches.entries())
          await rename(await madeFolder(checkout.path, place), folders[index] as string);
      } finally {
        await checkout.release();
      }
    },
  });
}

async function madeFolder(tree: string, place: string): Promise<string> {
  const folder = await placeInTree(tree, place);
  const stats = await lstat(folder).catch(() => null);
  if (stats?.isDirectory() === true) return folder;
  const what = stats === null ? 'made nothing' : 'made something else than a folder';
  throw new SetupFailed(
    `The set-up of the workspace failed: its commands ${what} at ${place}, which caches names. Correct caches or the commands.`,
    1,
    '',
  );
}
