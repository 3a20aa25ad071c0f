import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clutter, Stored, UpkeepGit } from '#engine/ports/upkeep.port.js';
import { fileId, isUrl } from './names.js';
import type { GitRunner } from './runner.js';
import { claim } from './slot-lock.js';
import { removeAll } from './sweep.js';

export interface UpkeepTools {
  readonly runner: GitRunner;
  readonly hubBase: string;
  readonly home: string;
}

/** Longer than any push, fetch or repack: what is half-written and older belongs to nobody. */
const ABANDONED_MS = 24 * 60 * 60 * 1_000;
/** What git writes into before it has a name: packs, loose objects, and the folders of pushes. */
const HALF_WRITTEN = /^(?:tmp_|\.tmp-|incoming-|tmp_objdir-)/;
const FAN_OUT = /^[0-9a-f]{2}$/;
const REST = /^[0-9a-f]{38}(?:[0-9a-f]{24})?$/;
const MANY_PACKS = 10;
const LOCK = 'planwright-upkeep.lock';
/** Loose objects are spread evenly: so many of the 256 folders tell how many there are. */
const SAMPLED = 16;

/** Upkeep of the hubs of a folder, and of the mirrors of a process. */
export function createUpkeepGit({ runner, hubBase, home }: UpkeepTools): UpkeepGit {
  const folders: { readonly [S in Stored]: string | null } = {
    hubs: isUrl(hubBase) ? null : resolve(hubBase),
    mirrors: resolve(join(home, 'mirrors')),
  };
  // A lock tells processes apart, not calls of one.
  const repacking = new Set<string>();
  return {
    async clutter(where) {
      const folder = folders[where];
      const names = folder === null ? [] : await namesIn(folder);
      const found: Clutter[] = [];
      for (const name of names) {
        if (!name.endsWith('.git')) continue;
        const counted = await countIn(join(folder ?? '', name));
        found.push({ where, repositoryId: name.slice(0, -4), ...counted });
      }
      return found;
    },
    async repack({ where, repositoryId }) {
      const folder = folders[where];
      if (folder === null) return false;
      const path = join(folder, `${fileId(repositoryId)}.git`);
      const lock = join(path, LOCK);
      if (repacking.has(path)) return false;
      repacking.add(path);
      try {
        if ((await claim(lock)) === null) return false;
        try {
          await keepFolders(join(path, 'objects'));
          await (where === 'hubs' ? repackHub : repackMirror)(runner, path);
          await removeAbandoned(path);
        } finally {
          await rm(lock, { force: true });
        }
      } finally {
        repacking.delete(path);
      }
      return true;
    },
  };
}

/** It works beside everything else: on one processor, with little memory. */
const GENTLE = [
  ['pack.threads', '1'],
  ['pack.windowMemory', '128m'],
  ['repack.writeBitmaps', 'false'],
] as const;

/**
 * Packs grow by a factor of two: few of them, and each object is rewritten a few times in all. Loose objects go along,
 * whether a ref leads to them or not.
 */
async function repackHub(runner: GitRunner, gitDir: string): Promise<void> {
  await runner.run({ args: ['repack', '-q', '-d', '--geometric=2'], gitDir, settings: GENTLE });
}

/** A mirror has no refs, and borrows from its hub: what it made itself is packed, and what the hub has in packs goes. */
async function repackMirror(runner: GitRunner, gitDir: string): Promise<void> {
  const settings = GENTLE;
  const ids = await looseIn(join(gitDir, 'objects'));
  const pack = join(gitDir, 'objects/pack/pack');
  if (ids.length > 0)
    await runner.run({
      args: ['pack-objects', '-q', '--local', '--non-empty', pack],
      gitDir,
      stdin: ids.map((id) => `${id}\n`).join(''),
      settings,
    });
  await runner.run({ args: ['prune-packed', '-q'], gitDir });
  if ((await packsIn(gitDir)).length < MANY_PACKS) return;
  const index = (...args: readonly string[]) =>
    runner.run({ args: ['multi-pack-index', ...args], gitDir, settings });
  await index('write', '--no-progress');
  await index('repack', '--no-progress', '--batch-size=0');
  await index('expire', '--no-progress');
}

/**
 * Git removes the folders of loose objects that it empties, also between the moment when a writer looks for one and that
 * when it writes there: a push or a commit would fail. A folder that holds a file stays, and git takes this name for its own.
 */
async function keepFolders(objects: string): Promise<void> {
  for (let number = 0; number < 256; number += 1) {
    const folder = join(objects, number.toString(16).padStart(2, '0'));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'tmp_obj_stays'), '');
  }
}

async function removeAbandoned(path: string): Promise<void> {
  const now = await clockOf(path);
  for (const folder of ['objects', 'objects/pack']) {
    for (const name of await namesIn(join(path, folder))) {
      if (!HALF_WRITTEN.test(name)) continue;
      const stats = await stat(join(path, folder, name)).catch(() => null);
      if (stats !== null && now - stats.mtimeMs > ABANDONED_MS) await removeAll(join(path, folder, name));
    }
  }
}

async function looseIn(objects: string): Promise<string[]> {
  const folders = (await namesIn(objects)).filter((name) => FAN_OUT.test(name));
  const found = await Promise.all(
    folders.map(async (folder) =>
      (await namesIn(join(objects, folder))).filter((name) => REST.test(name)).map((name) => folder + name),
    ),
  );
  return found.flat();
}

async function packsIn(path: string): Promise<string[]> {
  return (await namesIn(join(path, 'objects/pack'))).filter((name) => name.endsWith('.pack'));
}

async function countIn(path: string): Promise<Pick<Clutter, 'loose' | 'packs' | 'idleMs'>> {
  const objects = join(path, 'objects');
  const folders = (await namesIn(objects)).filter((name) => FAN_OUT.test(name)).sort();
  const sample = folders.slice(0, SAMPLED);
  let inSample = 0;
  let last = await writtenAt(join(objects, 'pack'));
  for (const name of sample)
    inSample += (await namesIn(join(objects, name))).filter((each) => REST.test(each)).length;
  for (const name of folders) last = Math.max(last, await writtenAt(join(objects, name)));
  return {
    loose: sample.length === 0 ? 0 : Math.round((inSample / sample.length) * folders.length),
    packs: (await packsIn(path)).length,
    idleMs: Math.max(0, (await clockOf(path)) - last),
  };
}

async function writtenAt(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.mtimeMs ?? 0;
}

/** The file system's own clock: that of the machine may be another one. */
async function clockOf(path: string): Promise<number> {
  const probe = join(path, `.clock-upkeep-${process.pid}`);
  await writeFile(probe, '');
  const { mtimeMs } = await stat(probe);
  await rm(probe, { force: true });
  return mtimeMs;
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
