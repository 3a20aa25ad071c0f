import { setTimeout } from 'node:timers/promises';
import { Fenced } from '#engine/fenced.js';
import { createTestDatabase, type TestDatabase } from '#testing/postgres.js';
import { isConnectionError } from './connection-errors.js';
import type { JoinedWrite } from './joined-writes.js';
import { openSql, type Sql } from './sql.js';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openSql(database.url);
  await sql.rows('CREATE TABLE numbers (n int PRIMARY KEY)');
});
beforeEach(() => sql.rows('TRUNCATE numbers'));
afterAll(async () => {
  await sql.close();
  await database.drop();
});

const numbers = async () =>
  (await sql.rows<{ n: number }>('SELECT n FROM numbers ORDER BY n')).map(({ n }) => n);
const INSERT = 'INSERT INTO numbers VALUES ($1)';

it('writes that nobody waited for are there when the transaction is', async () => {
  const seen = await sql.transaction(async (tx) => {
    for (const n of [1, 2, 3]) tx.send(INSERT, [n]);
    return tx.rows<{ count: number }>('SELECT count(*)::int AS count FROM numbers');
  });
  expect(seen).toEqual([{ count: 3 }]);
  expect(await numbers()).toEqual([1, 2, 3]);
});

it('the first thing that went wrong is what it fails with, and nothing stays', async () => {
  const doomed = sql.transaction(async (tx) => {
    tx.send(INSERT, [1]);
    tx.send(INSERT, [1]);
    tx.send(INSERT, [2]);
    await tx.rows('SELECT 1 AS one WHERE $1::int = 1', [1]);
  });
  await expect(doomed).rejects.toThrow(/duplicate key/);
  expect(await numbers()).toEqual([]);
});

it('a guard that meets another number of rows is Fenced, also after work that went well', async () => {
  const fenced = sql.transaction(async (tx) => {
    tx.send(INSERT, [1]);
    tx.send(`SELECT expect_rows($1::bigint, 1, 'plan')`, [0]);
  });
  await expect(fenced).rejects.toThrow(Fenced);
  expect(await numbers()).toEqual([]);
});

describe('writes that are joined', () => {
  const into = (n: number): JoinedWrite => ({ tables: ['numbers'], text: INSERT_ONE, values: [n] });
  const INSERT_ONE = 'INSERT INTO numbers VALUES ($1::int)';
  const TO_OTHERS = 'INSERT INTO others SELECT $1::int + count(*) FROM numbers';
  const others = (n: number, rows: number): JoinedWrite => ({
    ...{ tables: ['others', 'numbers'], text: TO_OTHERS, values: [n] },
    meets: { rows, what: 'other' },
  });

  beforeAll(() => sql.rows('CREATE TABLE others (n int PRIMARY KEY)'));
  beforeEach(() => sql.rows('TRUNCATE others'));

  it('are there when anything after them is sent, in their order', async () => {
    const seen = await sql.transaction(async (tx) => {
      tx.join(into(1));
      tx.send(INSERT, [2]);
      tx.join(others(10, 1));
      tx.join(into(3));
      tx.join(others(20, 1));
      return tx.rows<{ n: number }>('SELECT n FROM others ORDER BY n');
    });
    expect(seen).toEqual([{ n: 12 }, { n: 23 }]);
    expect(await numbers()).toEqual([1, 2, 3]);
  });

  it('are committed without anything after them', async () => {
    await sql.transaction(async (tx) => tx.join(into(4)));
    expect(await numbers()).toEqual([4]);
  });

  it('are Fenced, all of them, where one meets another number of rows', async () => {
    const fenced = sql.transaction(async (tx) => {
      tx.join(others(10, 2));
      tx.join(into(1));
    });
    await expect(fenced).rejects.toThrow(new Fenced('fenced: other'));
    expect(await numbers()).toEqual([]);
  });
});

it('a statement that cannot be prepared fails with its own error, and those of the same turn can be used afterwards', async () => {
  const [known, unknown] = [
    'SELECT n AS known FROM numbers WHERE n = $1',
    'SELECT n FROM nowhere WHERE n = $1',
  ];
  const broken = sql.transaction(async (tx) => {
    tx.send(INSERT, [1]);
    await Promise.all([tx.rows(known, [1]), tx.rows(unknown, [1]), tx.rows(`${known} LIMIT 1`, [1])]);
  });
  await expect(broken).rejects.toThrow(/nowhere/);
  expect(await numbers()).toEqual([]);
  for (const text of [known, `${known} LIMIT 1`]) {
    const rows = await sql.transaction(async (tx) => {
      tx.send(INSERT, [1]);
      const found = await tx.rows(text, [1]);
      tx.send('DELETE FROM numbers WHERE n = $1', [1]);
      return found;
    });
    expect(rows).toEqual([{ known: 1 }]);
  }
});

it('columns are read as what they are, in each use of a statement, whether or not its rows were looked at before', async () => {
  const text = `SELECT $1::int AS int, $2::text AS text, $3::jsonb AS json, $4::timestamptz AS at, null AS nothing`;
  const values = [7, 'x', { a: [1] }, new Date(0)];
  const row = { int: 7, text: 'x', json: { a: [1] }, at: new Date(0), nothing: null };
  await sql.transaction(async (tx) => {
    tx.send(text, values);
    expect(await Promise.all([tx.rows(text, values), tx.rows(text, values)])).toEqual([[row], [row]]);
    expect(await tx.rows(text, values)).toEqual([row]);
  });
});

it('what the work throws itself undoes everything', async () => {
  const refused = sql.transaction(async (tx) => {
    tx.send(INSERT, [1]);
    await tx.rows('SELECT 1 AS one WHERE $1::int = 1', [1]);
    throw new Error('no');
  });
  await expect(refused).rejects.toThrow('no');
  expect(await numbers()).toEqual([]);
});

it('a connection that ends between two statements fails its transaction, and nothing else', async () => {
  const broken = sql.transaction(async (tx) => {
    const [backend] = await tx.rows<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await sql.rows('SELECT pg_terminate_backend($1)', [backend?.pid]);
    await setTimeout(200);
    await tx.rows('SELECT 1');
  });
  const error: unknown = await broken.catch((reason: unknown) => reason);
  expect(isConnectionError(error)).toBe(true);
  await sql.transaction(async (tx) => tx.send(INSERT, [7]));
  expect(await numbers()).toEqual([7]);
});

it('many transactions at once take turns on few connections', async () => {
  await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      sql.transaction(async (tx) => {
        await tx.rows('SELECT 1 AS one WHERE $1::int = 1', [1]);
        tx.send(INSERT, [n]);
      }),
    ),
  );
  expect(await numbers()).toHaveLength(50);
});
