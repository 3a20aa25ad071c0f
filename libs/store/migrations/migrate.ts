import pg from 'pg';
import { MigrationError } from './migration.error.js';
import { isEmptySql, readMigrations, type Migration } from './migration-folder.js';

/** The key that Prisma's own schema engine locks: `prisma migrate deploy` elsewhere waits for us and we for it. */
const LOCK_KEY = 72707369;

const LEDGER = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

export interface MigrationTarget {
  readonly url: string;
  /** prisma/migrations of the package root. */
  readonly migrationsDir: string;
}

/** How the ledger of a database compares with the folder. Names are in order. */
export interface MigrationStatus {
  readonly applied: string[];
  readonly pending: string[];
  /** In the database but not in the folder: the code is older than the database. */
  readonly unknown: string[];
  /** Applied with another migration.sql than the folder holds now. */
  readonly edited: string[];
  /** Begun by another tool and never finished. */
  readonly failed: string[];
}

interface LedgerRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

/**
 * Applies what is pending, oldest first, and returns the names it applied.
 *
 * A migration and its row in Prisma's ledger are one transaction: a process killed at any moment leaves either
 * both or none. (Prisma's engine writes the row before and after, and refuses to go on after a crash between.)
 */
export async function migrateUp({ url, migrationsDir }: MigrationTarget): Promise<string[]> {
  const migrations = await readMigrations(migrationsDir);
  return locked(url, async (client) => {
    const status = compare(migrations, await readLedger(client));
    refuseUnsafe(status);
    const pending = migrations.filter((migration) => status.pending.includes(migration.name));
    if (pending.length > 0) await client.query(LEDGER);
    for (const migration of pending) await applyOne(client, migration);
    return status.pending;
  });
}

/**
 * Undoes migrations, newest first, until `to` is the last one applied (`null`: none is left).
 * Returns the names it undid. Refuses before changing anything when one of them has no down.sql.
 */
export async function migrateDown(
  target: MigrationTarget & { readonly to: string | null },
): Promise<string[]> {
  const { url, migrationsDir, to } = target;
  const migrations = await readMigrations(migrationsDir);
  return locked(url, async (client) => {
    const status = compare(migrations, await readLedger(client));
    refuseUnsafe(status);
    if (to !== null && !status.applied.includes(to)) {
      throw new MigrationError('migration_unknown', `Migration ${to} is not applied to this database`);
    }
    const undone = migrations
      .filter(({ name }) => status.applied.includes(name) && (to === null || name > to))
      .reverse();
    const steps = undone.map((migration) => ({ name: migration.name, sql: downOf(migration) }));
    for (const step of steps) await undoOne(client, step);
    return steps.map((step) => step.name);
  });
}

/** Compares the database with the folder; changes nothing. */
export async function migrationStatus({ url, migrationsDir }: MigrationTarget): Promise<MigrationStatus> {
  const migrations = await readMigrations(migrationsDir);
  return connected(url, async (client) => compare(migrations, await readLedger(client)));
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'planwright-migrate' });
  // A server that dies between two queries says so here; the next query rejects with the reason.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Holds the lock for the connection's life: concurrent starts go one after another, a crash releases it. */
function locked<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  return connected(url, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    return work(client);
  });
}

async function readLedger(client: pg.Client): Promise<LedgerRow[]> {
  const exists = await client.query<{ ledger: string | null }>(
    `SELECT to_regclass('_prisma_migrations') AS ledger`,
  );
  if ((exists.rows[0]?.ledger ?? null) === null) return [];
  const { rows } = await client.query<LedgerRow>(
    `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished
     FROM "_prisma_migrations" WHERE rolled_back_at IS NULL ORDER BY migration_name`,
  );
  return rows;
}

function compare(migrations: Migration[], ledger: LedgerRow[]): MigrationStatus {
  const known = new Map(migrations.map((migration) => [migration.name, migration.checksum]));
  const finished = ledger.filter((row) => row.finished);
  const applied = finished.map((row) => row.migration_name);
  return {
    applied,
    pending: migrations.map(({ name }) => name).filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.has(name)),
    edited: finished
      .filter((row) => known.has(row.migration_name) && known.get(row.migration_name) !== row.checksum)
      .map((row) => row.migration_name),
    failed: ledger.filter((row) => !row.finished).map((row) => row.migration_name),
  };
}

function refuseUnsafe({ unknown, edited, failed }: MigrationStatus): void {
  if (failed.length > 0) {
    const why =
      'Another tool began it and did not finish: repair the database and mark it in "_prisma_migrations"';
    throw new MigrationError(
      'migration_failed_before',
      `Migration ${failed.join(', ')} is half applied. ${why}`,
    );
  }
  if (unknown.length > 0) {
    const why = `It has ${unknown.join(', ')}, which this version does not know. Update Planwright`;
    throw new MigrationError('database_newer', `The database is newer than the code. ${why}`);
  }
  if (edited.length > 0) {
    const why = 'An applied migration must not change: restore its migration.sql and write a new migration';
    throw new MigrationError(
      'migration_edited',
      `Migration ${edited.join(', ')} was edited after it was applied. ${why}`,
    );
  }
}

function applyOne(client: pg.Client, migration: Migration): Promise<void> {
  return inTransaction(client, `apply ${migration.name}`, async () => {
    await client.query(migration.up);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, started_at, applied_steps_count)
       VALUES (gen_random_uuid()::text, $1, $2, clock_timestamp(), now(), 1)`,
      [migration.checksum, migration.name],
    );
  });
}

function undoOne(client: pg.Client, step: { name: string; sql: string }): Promise<void> {
  return inTransaction(client, `undo ${step.name}`, async () => {
    await client.query(step.sql);
    await client.query('DELETE FROM "_prisma_migrations" WHERE migration_name = $1', [step.name]);
  });
}

function downOf(migration: Migration): string {
  if (migration.down === undefined || isEmptySql(migration.down)) {
    throw new MigrationError('down_missing', `Migration ${migration.name} has no down.sql that undoes it`);
  }
  return migration.down;
}

async function inTransaction(client: pg.Client, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await client.query('BEGIN');
    // Workers may be running: give up rather than queue in front of all of them behind one long transaction.
    await client.query(`SET LOCAL lock_timeout = '15s'`);
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError('migration_failed', `Could not ${what}: ${reason}`, { cause: error });
  }
}
