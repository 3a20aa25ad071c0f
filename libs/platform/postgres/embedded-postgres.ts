import { spawn, type ChildProcess } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Home } from '../home/home.js';
import { choosePort } from '../home/ports.js';
import { logTail, openLog } from '../home/private-files.js';
import { identify } from '../home/process-identity.js';
import type { Log } from '../log.js';
import { clusterPassword, ensureCluster, SUPERUSER } from './cluster.js';
import { preparePostgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { DATA_FOLDER, locatePostgres } from './postgres-location.js';
import { choosePostgresUser, type PostgresUser } from './postgres-user.js';
import { endServer, readPostmaster, stopLeftOver } from './postmaster-file.js';

/** The database that every process of Planwright uses. */
export const DATABASE = 'planwright';

const START_TIMEOUT_MS = 60_000;
const START_ATTEMPTS = 5;

/** What fits a laptop or two cores; `postgresql.conf` in the data folder stays as initdb wrote it. */
const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  // Their paths are limited to some hundred characters, which a home may exceed.
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  fsync: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
};

export interface EmbeddedPostgresOptions {
  /** Made by `createHome`; the caller holds its instance lock. */
  readonly home: Home;
  readonly log: Log;
  /** Server settings over ours; tests trade durability for speed here. */
  readonly settings?: Record<string, string>;
}

/** How the server ended; both are null for neither code nor signal known. */
export interface PostgresExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface EmbeddedPostgres {
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  readonly dataDir: string;
  /** Resolves when the server has ended, whoever ended it. */
  readonly exited: Promise<PostgresExit>;
  /** Fast shutdown: open transactions roll back, the data is checkpointed; resolves when the server is gone. */
  stop(): Promise<void>;
}

interface Launch {
  readonly binaries: PostgresBinaries;
  readonly user: PostgresUser;
  readonly dataDir: string;
  readonly logFile: string;
  readonly settings: Record<string, string>;
}

/**
 * Starts the database of a home: makes the cluster on first use, stops a server that a killed run left behind,
 * recovers after a crash. The same port as last time is used when it is free, so that clients find it again.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { home, log } = options;
  const user = choosePostgresUser([path.join(home.postgres.dir, DATA_FOLDER), home.root]);
  const location = await realpath(await locatePostgres(home, user, log));
  const dataDir = path.join(location, DATA_FOLDER);
  const password = await clusterPassword(home, dataDir);
  await stopLeftOver(dataDir, log);
  const binaries = await preparePostgresBinaries(user, location);
  if (await ensureCluster({ dataDir, password, user, binaries })) log(`Made a database in ${dataDir}`);
  const logFile = path.join(home.logs, 'postgres.log');
  const launch = { binaries, user, dataDir, logFile, settings: { ...SETTINGS, ...options.settings } };
  const { child, port, exited } = await launchOnFreePort(launch, home);
  const server = { child, exited };
  const url = (database: string) => `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
  try {
    await ensureDatabase(url('postgres'));
  } catch (error) {
    await stopServer(server);
    throw error;
  }
  return { url: url(DATABASE), pid: child.pid ?? 0, port, dataDir, exited, stop: () => stopServer(server) };
}

interface Server {
  readonly child: ChildProcess;
  readonly exited: Promise<PostgresExit>;
}

/** Somebody may take the port between our look and the server's; backends of a killed server need a moment to go. */
async function launchOnFreePort(launch: Launch, home: Home): Promise<Server & { port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await choosePort(home.postgres.portFile);
    const logged = await stat(launch.logFile).then(
      (found) => found.size,
      () => 0,
    );
    const server = await spawnServer(launch, port);
    if (await becomesReady(server, launch.dataDir)) return { ...server, port };
    const reason = await logTail(launch.logFile, logged);
    const passing = /could not bind|Address already in use|shared memory block .* still in use/i.test(reason);
    if (!passing || attempt === START_ATTEMPTS) {
      throw new Error(`Postgres did not start (all of it in ${launch.logFile}):\n${reason}`);
    }
    await sleep(500);
  }
}

async function spawnServer(
  { binaries, user, dataDir, logFile, settings }: Launch,
  port: number,
): Promise<Server> {
  const output = await openLog(logFile);
  const flags = Object.entries({ ...settings, port: String(port) }).flatMap(([key, value]) => [
    '-c',
    `${key}=${value}`,
  ]);
  try {
    // A session of its own: the terminal's Ctrl-C must not end the database before those who write to it. Output
    // goes to a file, since a pipe would break when we are killed.
    const child = spawn(binaries.postgres, ['-D', dataDir, ...flags], {
      cwd: path.dirname(dataDir),
      detached: true,
      env: binaries.env,
      stdio: ['ignore', output.fd, output.fd],
      ...user.ids,
    });
    const exited = new Promise<PostgresExit>((resolve) => {
      child.once('error', () => resolve({ code: null, signal: null }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    endWithThisProcess(child, exited);
    return { child, exited };
  } finally {
    await output.close();
  }
}

/** An exit that skipped `stop` (an uncaught error) still asks the server to end; only SIGKILL leaves one behind. */
function endWithThisProcess(child: ChildProcess, exited: Promise<PostgresExit>): void {
  const end = () => child.kill('SIGINT');
  process.once('exit', end);
  void exited.then(() => process.removeListener('exit', end));
}

/** False when the server ended instead. */
async function becomesReady({ child, exited }: Server, dataDir: string): Promise<boolean> {
  let ended = false;
  void exited.then(() => (ended = true));
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (ended) return false;
    const found = await readPostmaster(dataDir);
    if (found?.ready === true && found.pid === child.pid) return true;
    await sleep(10);
  }
  await stopServer({ child, exited });
  return false;
}

async function stopServer({ child, exited }: Server): Promise<void> {
  if (child.pid !== undefined) await endServer(identify(child.pid));
  await exited;
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} TEMPLATE template0`);
  } finally {
    await client.end();
  }
}
