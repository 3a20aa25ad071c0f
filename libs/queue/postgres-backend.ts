import { createPostgresBackend, runMigrations, type BackendFactory, type PgPool } from 'bullmq';
import pg from 'pg';
import { BullBackend } from './bull-backend.js';
import type { QueueBackend } from './queue-backend.js';

const SCHEMA = 'bullmq';
/** A worker holds one connection to listen on; the rest serve queries. */
const POOL_SIZE = 12;
const CONNECT_MS = 5_000;

/**
 * BullMQ on Postgres, in a schema of its own that is brought up to date first (safe from several processes at once).
 *
 * @param onError told of connections that break; they mend themselves
 */
export async function openPostgresBackend(
  url: string,
  onError: (error: Error) => void,
): Promise<QueueBackend> {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    options: `-c search_path=${SCHEMA}`,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
  });
  pool.on('error', onError);
  // The pool listens to idle connections only; one in use that breaks between two queries must not end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const client = await pool.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    client.release();
  }
  // pg's own class fits the interface but for an index signature of its options.
  const connection = pool as unknown as PgPool;
  const connections = {
    factory: createPostgresBackend as unknown as BackendFactory,
    queues: connection,
    workers: connection,
    options: {},
  };
  return new BullBackend(connections, onError, () => pool.end());
}

/** Asks a server for one answer. @throws when there is none */
export async function askPostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
  } finally {
    await client.end().catch(() => undefined);
  }
}
