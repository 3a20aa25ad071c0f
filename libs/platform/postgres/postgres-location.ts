import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Home } from '../home/home.js';
import { readIfPresent, writePrivateFile } from '../home/private-files.js';
import type { Log } from '../log.js';
import { canEnter, type PostgresUser } from './postgres-user.js';

/** The cluster's folder below its location. */
export const DATA_FOLDER = 'data';

/** Folders outside any home that root may use, most lasting first. */
const OUTSIDE = ['/var/lib', '/var/tmp', tmpdir()];

/**
 * The folder that holds the database's data and what belongs to it: `postgres/` in the home, or a folder outside
 * when the account that runs the server cannot get there (root's home is closed to everybody else). What was
 * chosen once is remembered in the home and stays: a database is never left behind silently.
 */
export async function locatePostgres(home: Home, user: PostgresUser, log: Log): Promise<string> {
  const remembered = await readIfPresent(home.postgres.locationFile);
  if (remembered !== undefined) return requireRemembered(home, remembered, user);
  if (canEnter(user, home.postgres.dir)) return home.postgres.dir;
  if (existsSync(path.join(home.postgres.dir, DATA_FOLDER))) {
    throw new Error(
      `The user ${user.name}, who runs Postgres, cannot reach its data below ${home.postgres.dir}`,
    );
  }
  const outside = await makeOutside(user);
  await writePrivateFile(home.postgres.locationFile, `${outside}\n`);
  log(
    `The user ${user.name}, who runs Postgres, cannot reach ${home.postgres.dir}: its data is in ${outside}`,
  );
  return outside;
}

async function requireRemembered(home: Home, folder: string, user: PostgresUser): Promise<string> {
  const entry = await lstat(folder).catch(() => undefined);
  if (entry?.isDirectory() !== true) {
    const way = `restore it, or delete ${home.postgres.locationFile} to begin with an empty database`;
    throw new Error(`The database's folder ${folder} is gone: ${way}`);
  }
  if (!canEnter(user, folder))
    throw new Error(`The user ${user.name}, who runs Postgres, cannot reach ${folder}`);
  return folder;
}

async function makeOutside(user: PostgresUser): Promise<string> {
  const failures: string[] = [];
  for (const parent of OUTSIDE) {
    // A fresh random name made exclusively: in a folder that others may write, nobody can have put it there.
    const folder = path.join(parent, `planwright-${randomBytes(6).toString('hex')}`);
    try {
      await mkdir(folder, { mode: 0o711 });
      await chmod(folder, 0o711);
      if (canEnter(user, folder)) return folder;
      await rm(folder, { recursive: true });
      failures.push(`${parent}: ${user.name} cannot enter`);
    } catch (error) {
      failures.push(`${parent}: ${(error as Error).message}`);
    }
  }
  throw new Error(`No place for the database that ${user.name} can reach (${failures.join('; ')})`);
}
