import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A migrated, empty database of one test. */
export interface TestDatabase {
  readonly url: string;
  /** Ends its connections and removes it. */
  drop(): Promise<void>;
}

/** The Postgres of this Jest run, as its superuser. */
export function testPostgresUrl(): string {
  const url = process.env['PLANWRIGHT_TEST_POSTGRES'];
  if (url === undefined)
    throw new Error('PLANWRIGHT_TEST_POSTGRES is not set: run the tests with `npm test`');
  return url;
}

/** Copies the migrated template; with `{ migrated: false }` the database has no tables at all. */
export async function createTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const url = new URL(testPostgresUrl());
  url.pathname = `/${name}`;
  await asAdmin(`CREATE DATABASE ${name} TEMPLATE ${migrated ? 'planwright_template' : 'template0'}`);
  return { url: url.href, drop: () => asAdmin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function asAdmin(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: testPostgresUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
