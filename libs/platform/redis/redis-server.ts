import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, constants, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Home } from '../home/home.js';
import { choosePort } from '../home/ports.js';
import {
  logTail,
  makePrivateFolder,
  openLog,
  readIfPresent,
  writePrivateFile,
} from '../home/private-files.js';
import { identify, isRunning, type ProcessIdentity } from '../home/process-identity.js';
import type { Log } from '../log.js';

const PROGRAM = 'redis-server';
const START_TIMEOUT_MS = 20_000;
const START_ATTEMPTS = 5;
const STOP_PATIENCE_MS = 5_000;

/** Shown wherever a Redis is needed and none is there. */
export const REDIS_REMEDY =
  'Install one (Debian: apt-get install redis-server, macOS: brew install redis), set REDIS_URL to a server of your own, or leave QUEUE_BACKEND out to keep the queues in Postgres.';

export interface RedisServerOptions {
  /** Made by `createHome`; the caller holds its instance lock. */
  readonly home: Home;
  readonly log: Log;
  /** Search path for the program. */
  readonly path: string;
}

export interface RedisExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the server has ended, whoever ended it. */
  readonly exited: Promise<RedisExit>;
  stop(): Promise<void>;
}

/** The program's place on a search path; undefined when it is on none of its folders. */
export async function findRedisServer(searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(path.delimiter).filter((entry) => entry !== '')) {
    const program = path.join(folder, PROGRAM);
    const found = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return program;
  }
  return undefined;
}

/**
 * Starts the Redis of a home on a loopback port, with a password and in memory only: what it holds is made again
 * from Postgres. A server that a killed run left behind is stopped first. Port and password are kept, so that
 * clients find it again.
 *
 * @throws Error with a remedy when there is no Redis on this machine
 */
export async function startRedis({ home, log, path: searchPath }: RedisServerOptions): Promise<RedisServer> {
  const program = await findRedisServer(searchPath);
  if (program === undefined)
    throw new Error(`QUEUE_BACKEND is redis, and there is no ${PROGRAM} here. ${REDIS_REMEDY}`);
  await makePrivateFolder(home.redis.dir);
  await stopLeftOverRedis(home, log);
  const password = await passwordOf(home);
  for (let attempt = 1; ; attempt += 1) {
    const port = await choosePort(home.redis.portFile);
    const logFile = path.join(home.logs, 'redis.log');
    const logged = await stat(logFile).then(
      (found) => found.size,
      () => 0,
    );
    const server = await spawnServer(program, home, port, password, logFile);
    if (await becomesReady(server, port, password)) return server;
    const reason = await logTail(logFile, logged);
    // Somebody may take the port between our look and the server's.
    if (!/Address already in use/i.test(reason) || attempt === START_ATTEMPTS)
      throw new Error(`Redis did not start (all of it in ${logFile}):\n${reason}`);
  }
}

/** What a command line shows to every user of the machine, a file of mode 0600 does not. */
function settings(home: Home, port: number, password: string): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(home.redis.dir)}`,
    'save ""',
    'appendonly no',
    'daemonize no',
    'maxmemory-policy noeviction',
    '',
  ].join('\n');
}

async function spawnServer(
  program: string,
  home: Home,
  port: number,
  password: string,
  logFile: string,
): Promise<RedisServer> {
  await writePrivateFile(home.redis.configFile, settings(home, port, password));
  const output = await openLog(logFile);
  try {
    // A session of its own: the terminal's Ctrl-C must not end it before those who use it.
    const child = spawn(program, [home.redis.configFile], {
      cwd: home.redis.dir,
      detached: true,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', output.fd, output.fd],
    });
    const exited = new Promise<RedisExit>((resolve) => {
      child.once('error', () => resolve({ code: null, signal: null }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    endWithThisProcess(child, exited);
    const identity = identify(child.pid ?? 0);
    await writePrivateFile(home.redis.processFile, JSON.stringify(identity));
    const url = `redis://:${password}@127.0.0.1:${port}`;
    const stop = async () => {
      await endServer(identity);
      await exited;
    };
    return { url, pid: identity.pid, exited, stop };
  } finally {
    await output.close();
  }
}

/** An exit that skipped `stop` (an uncaught error) still ends the server; only SIGKILL leaves one behind. */
function endWithThisProcess(child: ChildProcess, exited: Promise<RedisExit>): void {
  const end = () => child.kill('SIGTERM');
  process.once('exit', end);
  void exited.then(() => process.removeListener('exit', end));
}

/** False when the server ended instead. */
async function becomesReady(server: RedisServer, port: number, password: string): Promise<boolean> {
  let ended = false;
  void server.exited.then(() => (ended = true));
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (ended) return false;
    if (await answers(port, password)) return true;
    await sleep(10);
  }
  await server.stop();
  return false;
}

/** Our own password tells it from another program that took the port. */
function answers(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 });
    let text = '';
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (/PONG|-\w+/.test(text)) finish(text.includes('PONG'));
    });
    socket.once('error', () => finish(false));
    socket.once('timeout', () => finish(false));
    socket.once('close', () => finish(false));
  });
}

async function passwordOf(home: Home): Promise<string> {
  const known = await readIfPresent(home.redis.passwordFile);
  if (known !== undefined && known !== '') return known;
  const password = randomBytes(24).toString('hex');
  await writePrivateFile(home.redis.passwordFile, `${password}\n`);
  return password;
}

/**
 * Ends the server of a run that was killed. The mark beside the number tells it from a later process that was given
 * its number.
 */
export async function stopLeftOverRedis(home: Home, log: Log): Promise<void> {
  const text = await readIfPresent(home.redis.processFile);
  if (text === undefined) return;
  const server = parseIdentity(text);
  if (server !== undefined && isRunning(server)) {
    log(`Stopping the Redis (pid ${server.pid}) that an earlier run left behind`);
    await endServer(server);
  }
  await rm(home.redis.processFile, { force: true });
}

function parseIdentity(text: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

/** It holds nothing that must be written, so patience is short. */
async function endServer(server: ProcessIdentity): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isRunning(server)) return;
    process.kill(server.pid, signal);
    const deadline = performance.now() + STOP_PATIENCE_MS;
    while (performance.now() < deadline) {
      if (!isRunning(server)) return;
      await sleep(10);
    }
  }
  throw new Error(`The Redis with pid ${server.pid} cannot be stopped`);
}
