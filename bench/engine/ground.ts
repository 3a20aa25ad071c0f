import { rm } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { createHome } from '#platform/home/home.js';
import { acquireInstanceLock } from '#platform/home/instance-lock.js';
import { startEmbeddedPostgres } from '#platform/postgres/embedded-postgres.js';
import { makeScratchFolder } from '../scratch-folder.js';
import { Endings } from './endings.js';
import type { Backend } from './options.js';
import { startRedis } from './redis-server.js';

/** What every side of a comparison stands on: one folder, one Postgres, and a Redis where the queue is on it. */
export interface Ground {
  readonly folder: string;
  readonly backend: Backend;
  readonly redisUrl: string | null;
  readonly endings: Endings;
  /** A new database on the one server, its name made from the given one. @returns its URL */
  emptyDatabase(name: string): Promise<string>;
}

/** Runs the work on new ground; whatever happens, servers end and the folder goes. */
export async function withGround(backend: Backend, work: (ground: Ground) => Promise<void>): Promise<void> {
  const endings = new Endings();
  try {
    const folder = await makeScratchFolder();
    endings.add(() => rm(folder, { recursive: true, force: true }));
    const home = await createHome(path.join(folder, 'server'));
    const attempt = await acquireInstanceLock(home);
    if (!attempt.acquired) throw new Error(`Somebody else runs a database in ${home.root}.`);
    endings.add(() => attempt.lock.release());
    const server = await startEmbeddedPostgres({ home, log: () => undefined });
    endings.add(() => server.stop());
    let redisUrl: string | null = null;
    if (backend === 'redis') {
      const redis = await startRedis(path.join(folder, 'redis'));
      endings.add(() => redis.stop());
      redisUrl = redis.url;
    }
    let databases = 0;
    const emptied = (name: string) => emptyDatabase(server.url, `${name}_${(databases += 1)}`);
    await work({ folder, backend, redisUrl, endings, emptyDatabase: emptied });
  } finally {
    await endings.endAll();
  }
}

async function emptyDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name} TEMPLATE template0`);
    // Every run begins with no checkpoint of the one before it due.
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
