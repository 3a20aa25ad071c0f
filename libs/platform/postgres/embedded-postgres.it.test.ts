import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { createHome, type Home } from '#platform/home/home.js';
import { compiled, eventually, isAlive, runScript } from '#testing/processes.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';

let parent: string;
let home: Home;
let lines: string[];
const running: EmbeddedPostgres[] = [];
/** Started by other processes; a test that fails must not leave them. */
let strays: number[] = [];

beforeEach(async () => {
  lines = [];
  parent = await mkdtemp(path.join(tmpdir(), 'postgres test '));
  // mkdtemp closes its folder; the account that runs the server for root must pass.
  await chmod(parent, 0o755);
  home = await createHome(path.join(parent, 'home'));
});

afterEach(async () => {
  const folders = running.map((server) => server.dataDir);
  await Promise.all(running.splice(0).map((server) => server.stop()));
  for (const folder of folders.filter((folder) => !folder.startsWith(parent))) {
    await rm(path.dirname(folder), { recursive: true, force: true });
  }
  strays.filter(isAlive).forEach((pid) => process.kill(pid, 'SIGKILL'));
  strays = [];
  await rm(parent, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ home, log: (line) => lines.push(line) });
  running.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const remember = (url: string) => query(url, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)');
const expectKept = async (url: string) => expect(await query(url, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);

/** Another process starts the server of this home and stays until it is killed. */
async function startElsewhere(before = '') {
  const other = runScript(`
    import { homeAt } from '${compiled('libs/platform/home/home.js')}';
    import { startEmbeddedPostgres } from '${compiled('libs/platform/postgres/embedded-postgres.js')}';
    ${before}
    const { url, pid } = await startEmbeddedPostgres({ home: homeAt(${JSON.stringify(home.root)}), log: () => undefined });
    process.send({ url, pid });
  `);
  const started = (await other.message) as { url: string; pid: number };
  strays.push(other.pid, started.pid);
  return { other, ...started };
}

test('a cold start makes a UTF8 database with a password; a second keeps data and address; stop leaves no process', async () => {
  const first = await start();
  expect(
    await query(first.url, `SELECT current_setting('server_encoding') AS e, current_setting('fsync') AS f`),
  ).toEqual([{ e: 'UTF8', f: 'on' }]);
  await expect(query(first.url.replace(/:[^:@]*@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(/password/);
  await remember(first.url);
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);
  expect(await first.exited).toEqual({ code: 0, signal: null });
  const second = await start();
  expect(second.url).toBe(first.url);
  await expectKept(second.url);
});

test('a server left behind by a killed process is stopped and its data served again', async () => {
  const { other, url, pid } = await startElsewhere();
  await remember(url);
  await other.kill();
  expect(isAlive(pid)).toBe(true);
  const server = await start();
  expect(isAlive(pid)).toBe(false);
  expect(lines.join()).toContain(`pid ${pid}`);
  await expectKept(server.url);
});

test('a process that dies of an uncaught error takes its server along', async () => {
  const { other, pid } = await startElsewhere(
    `process.on('message', () => { throw new Error('uncaught'); });`,
  );
  expect(isAlive(pid)).toBe(true);
  other.child.send('throw');
  await eventually('the server ends with its parent', () => !isAlive(pid));
});

test('a killed server is seen, and its data is there after the next start', async () => {
  const first = await start();
  await remember(first.url);
  process.kill(first.pid, 'SIGKILL');
  expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });
  const second = await start();
  expect(second.url).toBe(first.url);
  await expectKept(second.url);
});

test('a postmaster.pid whose number another process has now stops neither that process nor the start', async () => {
  const first = await start();
  await remember(first.url);
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  const file = path.join(first.dataDir, 'postmaster.pid');
  // Of the server's own user: Postgres takes only such a process for another server.
  const { uid, gid } = await stat(first.dataDir);
  const stranger = spawn('/bin/sleep', ['600'], { uid, gid, stdio: 'ignore' });
  try {
    await writeFile(file, (await readFile(file, 'utf8')).replace(/^\d+/, String(stranger.pid)));
    await expectKept((await start()).url);
    expect(isAlive(stranger.pid ?? 0)).toBe(true);
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('an initdb that was killed is done again', async () => {
  const partial = path.join(home.postgres.dir, 'data.partial');
  await mkdir(path.join(partial, 'base'), { recursive: true });
  await writeFile(path.join(partial, 'PG_VERSION'), '18\n');
  const server = await start();
  expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await expect(stat(partial)).rejects.toThrow(/ENOENT/);
});

test('a data folder with something else in it is refused and left alone', async () => {
  const precious = path.join(home.postgres.dir, 'data', 'precious.txt');
  await mkdir(path.dirname(precious));
  await writeFile(precious, 'mine');
  await writeFile(home.postgres.passwordFile, 'secret');
  await expect(start()).rejects.toThrow(/no Postgres cluster/);
  expect(await readFile(precious, 'utf8')).toBe('mine');
});

test('a remembered port that another program took is given up', async () => {
  const first = await start();
  await first.stop();
  const squatter = createServer().listen(first.port, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  try {
    const second = await start();
    expect(second.port).not.toBe(first.port);
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  } finally {
    await new Promise((resolve) => squatter.close(resolve));
  }
});

test("the terminal's Ctrl-C does not reach the server", async () => {
  const { other, url } = await startElsewhere(
    `process.on('SIGINT', () => process.send({ interrupted: true }));`,
  );
  const interrupted = new Promise((resolve) => other.child.once('message', resolve));
  process.kill(-other.pid, 'SIGINT');
  await interrupted;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await other.kill();
  await start();
});

const asRoot = process.geteuid?.() === 0 ? test : test.skip;

asRoot('as root below a folder closed to others the data lives outside, and is found again', async () => {
  await chmod(parent, 0o700);
  const first = await start();
  expect(first.dataDir.startsWith(parent)).toBe(false);
  expect(lines.join('\n')).toContain(path.dirname(first.dataDir));
  expect((await stat(first.dataDir)).mode & 0o777).toBe(0o700);
  await remember(first.url);
  await first.stop();
  const second = await start();
  expect(second.dataDir).toBe(first.dataDir);
  await expectKept(second.url);
});

asRoot('as root in a home of an ordinary user the server runs as that user', async () => {
  await chown(parent, 1, 1);
  home = await createHome(path.join(parent, 'theirs'));
  const server = await start();
  for (const entry of [server.dataDir, home.postgres.passwordFile, home.logs])
    expect((await stat(entry)).uid).toBe(1);
});
