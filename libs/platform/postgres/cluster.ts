import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, lstat, mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Home } from '../home/home.js';
import { createPrivateFile, readIfPresent } from '../home/private-files.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import type { PostgresUser } from './postgres-user.js';

/** The superuser of the embedded cluster. */
export const SUPERUSER = 'planwright';

/** The password of the cluster, made before the cluster is, so that no crash leaves one without the other. */
export async function clusterPassword(home: Home, dataDir: string): Promise<string> {
  const existing = await readIfPresent(home.postgres.passwordFile);
  if (existing) return existing;
  if (existsSync(dataDir)) {
    throw new Error(
      `${home.postgres.passwordFile} is missing, so the database in ${dataDir} cannot be opened`,
    );
  }
  await rm(home.postgres.passwordFile, { force: true });
  await createPrivateFile(home.postgres.passwordFile, `${randomBytes(24).toString('base64url')}\n`);
  return clusterPassword(home, dataDir);
}

export interface ClusterOptions {
  readonly dataDir: string;
  readonly password: string;
  readonly user: PostgresUser;
  readonly binaries: PostgresBinaries;
}

/**
 * Makes the cluster where there is none; returns whether it did.
 *
 * initdb works in a folder beside it, renamed when it is whole: `data` is complete or absent, a half-made one
 * has another name, and nothing that holds data is ever removed.
 */
export async function ensureCluster(options: ClusterOptions): Promise<boolean> {
  const { dataDir, user } = options;
  if (existsSync(path.join(dataDir, 'PG_VERSION'))) {
    await requireOwner(dataDir, user);
    return false;
  }
  await removeIfEmpty(dataDir);
  const partial = `${dataDir}.partial`;
  const passwordFile = `${dataDir}.initial-password`;
  await rm(partial, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  try {
    await mkdir(partial, { mode: 0o700 });
    await writeFile(passwordFile, options.password, { mode: 0o600, flag: 'wx' });
    if (user.ids) for (const entry of [partial, passwordFile]) await chown(entry, user.ids.uid, user.ids.gid);
    await initdb(options, partial, passwordFile);
    await rename(partial, dataDir);
    return true;
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function removeIfEmpty(dataDir: string): Promise<void> {
  const entry = await lstat(dataDir).catch(() => undefined);
  if (entry === undefined) return;
  if ((await readdir(dataDir)).length > 0) {
    throw new Error(`${dataDir} holds files but no Postgres cluster: move them away`);
  }
  await rmdir(dataDir);
}

async function requireOwner(dataDir: string, user: PostgresUser): Promise<void> {
  const { uid } = await lstat(dataDir);
  const ours = user.ids?.uid ?? process.geteuid?.();
  if (ours !== undefined && uid !== ours) {
    throw new Error(
      `The database in ${dataDir} belongs to user ${uid}: start Planwright as that user or as root`,
    );
  }
}

async function initdb(
  { binaries, user }: ClusterOptions,
  folder: string,
  passwordFile: string,
): Promise<void> {
  const args = [
    `--pgdata=${folder}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
  ];
  // A session of its own, as the server has: Ctrl-C lets it finish rather than look like a failure.
  const child = spawn(binaries.initdb, args, {
    detached: true,
    cwd: path.dirname(folder),
    env: binaries.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user.ids,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const outcome = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  if (outcome !== 0) throw new Error(`initdb failed (${outcome}):\n${output.trim()}`);
}
