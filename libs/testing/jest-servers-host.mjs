/**
 * The process behind `jest-global-setup.mjs`: a Postgres in a temporary home, with the migrated database
 * `planwright_template`, and a Redis unless REDIS_URL names one. Disconnecting ends both. It runs what `npm run build` made, since Jest starts it as it is.
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const fromDist = (file) => import(path.join(root, 'dist/libs', file));

/** The databases live for one run: nothing is written to last. */
const SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };

let parentGone = !process.connected;
const disconnected = new Promise((resolve) => {
  process.once('disconnect', () => {
    parentGone = true;
    resolve();
  });
});

async function run() {
  const { createHome } = await fromDist('platform/home/home.js');
  const { startEmbeddedPostgres } = await fromDist('platform/postgres/embedded-postgres.js');
  const { migrateUp } = await fromDist('store/migrations/migrate.js');
  const home = await createHome(path.join(tmpdir(), `planwright-test-${randomBytes(6).toString('hex')}`));
  const lines = [];
  const removals = [home.root];
  let postgres;
  let redis;
  try {
    postgres = await startEmbeddedPostgres({ home, log: (line) => lines.push(line), settings: SETTINGS });
    removals.push(path.dirname(postgres.dataDir));
    const { default: pg } = await import('pg');
    const admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    await admin.query('CREATE DATABASE planwright_template');
    await admin.end();
    const template = new URL(postgres.url);
    template.pathname = '/planwright_template';
    await migrateUp({ url: template.href, migrationsDir: path.join(root, 'prisma/migrations') });
    const { startRedis } = await fromDist('platform/redis/redis-server.js');
    if (!process.env.REDIS_URL)
      redis = await startRedis({ home, log: (line) => lines.push(line), path: process.env.PATH });
    const redisUrl = redis?.url ?? process.env.REDIS_URL;
    if (!parentGone) process.send({ postgresUrl: postgres.url, redisUrl });
    if (!parentGone) await disconnected;
  } catch (error) {
    if (!parentGone) process.send({ error: [...lines, error.stack].join('\n') });
  } finally {
    await redis?.stop();
    await postgres?.stop();
    for (const folder of removals) await rm(folder, { recursive: true, force: true });
  }
}

await run();
if (process.connected) process.disconnect();
