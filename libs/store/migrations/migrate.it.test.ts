import { cp, mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '#testing/postgres.js';
import { runScript } from '#testing/processes.js';
import { migrateDown, migrateUp, migrationStatus } from './migrate.js';

const FIRST = '20260101000000_first';
const SECOND = '20260102000000_second';

let folder: string;
let database: TestDatabase;
let target: { url: string; migrationsDir: string };

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'migrate-'));
  database = await createTestDatabase({ migrated: false });
  target = { url: database.url, migrationsDir: folder };
});

afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function write(name: string, up: string, down: string): Promise<void> {
  await mkdir(path.join(folder, name), { recursive: true });
  await writeFile(path.join(folder, name, 'migration.sql'), up);
  await writeFile(path.join(folder, name, 'down.sql'), down);
}

async function writeBoth(): Promise<void> {
  await write(FIRST, 'CREATE TABLE a (n int); INSERT INTO a VALUES (1);', 'DROP TABLE a;');
  await write(
    SECOND,
    'ALTER TABLE a ADD COLUMN m int; UPDATE a SET m = n + 1;',
    'ALTER TABLE a DROP COLUMN m;',
  );
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('up, down and up again keep the data that a migration does not own', async () => {
  await writeBoth();
  expect(await migrateUp(target)).toEqual([FIRST, SECOND]);
  expect(await migrateUp(target)).toEqual([]);
  await query('INSERT INTO a VALUES (7, 7)');
  expect(await migrateDown({ ...target, to: FIRST })).toEqual([SECOND]);
  expect(await query('SELECT * FROM a ORDER BY n')).toEqual([{ n: 1 }, { n: 7 }]);
  expect(await migrationStatus(target)).toMatchObject({ applied: [FIRST], pending: [SECOND] });
  expect(await migrateUp(target)).toEqual([SECOND]);
  expect(await query('SELECT * FROM a ORDER BY n')).toEqual([
    { n: 1, m: 2 },
    { n: 7, m: 8 },
  ]);
});

test('starts at the same moment apply each migration once', async () => {
  await writeBoth();
  const results = await Promise.all(Array.from({ length: 8 }, () => migrateUp(target)));
  expect(results.flat()).toEqual([FIRST, SECOND]);
  expect(await query('SELECT count(*)::int AS n FROM _prisma_migrations')).toEqual([{ n: 2 }]);
});

test('a migration that fails leaves nothing of itself and may be tried again when it is mended', async () => {
  await write(FIRST, 'CREATE TABLE a (n int); SELECT no_such_column FROM a;', 'DROP TABLE a;');
  await expect(migrateUp(target)).rejects.toMatchObject({ code: 'migration_failed' });
  expect(await query(`SELECT to_regclass('a') AS a`)).toEqual([{ a: null }]);
  await write(FIRST, 'CREATE TABLE a (n int);', 'DROP TABLE a;');
  expect(await migrateUp(target)).toEqual([FIRST]);
});

test('a down that fails in its middle undoes nothing', async () => {
  await write(FIRST, 'CREATE TABLE a (n int);', 'DROP TABLE a; DROP TABLE missing;');
  await migrateUp(target);
  await expect(migrateDown({ ...target, to: null })).rejects.toMatchObject({ code: 'migration_failed' });
  expect(await query('SELECT n FROM a')).toEqual([]);
  expect(await migrationStatus(target)).toMatchObject({ applied: [FIRST] });
});

test('a down.sql of comments only is refused before anything is undone', async () => {
  await write(FIRST, 'CREATE TABLE a (n int);', '-- later\n/* DROP TABLE a; */\n');
  await write(SECOND, 'CREATE TABLE b (n int);', 'DROP TABLE b;');
  await migrateUp(target);
  await expect(migrateDown({ ...target, to: null })).rejects.toMatchObject({ code: 'down_missing' });
  expect(await migrationStatus(target)).toMatchObject({ applied: [FIRST, SECOND] });
});

test('a database that is newer than the code is refused and left alone', async () => {
  await writeBoth();
  await migrateUp(target);
  await rm(path.join(folder, SECOND), { recursive: true });
  await write('20260103000000_third', 'CREATE TABLE c (n int);', 'DROP TABLE c;');
  await expect(migrateUp(target)).rejects.toMatchObject({ code: 'database_newer' });
  expect(await query(`SELECT to_regclass('c') AS c`)).toEqual([{ c: null }]);
});

test('an applied migration that was edited is refused', async () => {
  await writeBoth();
  await migrateUp(target);
  await write(SECOND, 'ALTER TABLE a ADD COLUMN x int;', 'ALTER TABLE a DROP COLUMN x;');
  await expect(migrateUp(target)).rejects.toMatchObject({ code: 'migration_edited' });
});

test('a folder without migrations is a database without tables', async () => {
  expect(await migrateUp(target)).toEqual([]);
  expect(await query(`SELECT to_regclass('_prisma_migrations') AS ledger`)).toEqual([{ ledger: null }]);
});

test("the project's own migrations go up, all the way down, and up again", async () => {
  await cp(path.resolve('prisma/migrations'), folder, { recursive: true });
  const names = await migrateUp(target);
  expect(await migrateDown({ ...target, to: null })).toEqual([...names].reverse());
  const left = await query(`
    SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname !~ '^_prisma'
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`);
  expect(left).toEqual([]);
  expect(await migrateUp(target)).toEqual(names);
});

test("Prisma's own engine takes our ledger for its own: it finds nothing edited, failed or left to apply", async () => {
  await writeBoth();
  await migrateUp(target);
  const engine = runScript(`
    import { readFileSync } from 'node:fs';
    import { PrismaPg } from '${pathToFileURL(require.resolve('@prisma/adapter-pg')).href}';
    import { openSchemaEngine } from '${pathToFileURL(path.resolve('scripts/schema-engine.mjs')).href}';
    const folder = ${JSON.stringify(folder)};
    const migrationDirectories = ${JSON.stringify([FIRST, SECOND])}.map((name) => {
      const content = readFileSync(folder + '/' + name + '/migration.sql', 'utf8');
      return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: content } } };
    });
    const lockfile = { path: 'migration_lock.toml', content: 'provider = "postgresql"' };
    const migrationsList = { baseDir: folder, lockfile, shadowDbInitScript: '', migrationDirectories };
    const filters = { externalTables: [], externalEnums: [] };
    const engine = await openSchemaEngine(new PrismaPg({ connectionString: ${JSON.stringify(target.url)} }));
    const diagnosis = await engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters });
    const applied = await engine.applyMigrations({ migrationsList, filters });
    process.send({ diagnosis, applied });
  `);
  try {
    expect(await engine.message).toEqual({
      applied: { appliedMigrationNames: [] },
      diagnosis: expect.objectContaining({
        editedMigrationNames: [],
        failedMigrationNames: [],
        hasMigrationsTable: true,
      }),
    });
  } finally {
    await engine.kill();
  }
});
