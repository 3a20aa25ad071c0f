import { createRedisBackend, type BackendFactory } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { BullBackend } from './bull-backend.js';
import type { QueueBackend } from './queue-backend.js';

/** The braces make it one hash slot: a script touches several keys, and a cluster wants them on one node. */
const PREFIX = '{planwright}';
const MIN_VERSION = [6, 2] as const;
const CONNECT_MS = 5_000;
const COMMAND_MS = 5_000;
/** A person waits for this answer. */
const ASK_MS = 1_500;
const RECONNECT_STEP_MS = 100;
const RECONNECT_MAX_MS = 1_000;

/**
 * Two ways to meet a server that is away. A delivery fails at once: the outbox keeps it and the sweeper repeats it.
 * A worker waits, since a result that it reports is worth waiting for.
 */
const FAIL_FAST = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_MS,
} satisfies RedisOptions;
const PATIENT = { maxRetriesPerRequest: null } satisfies RedisOptions;

/**
 * BullMQ on Redis. Two connections per process for queues and workers, and one more for each worker to listen on.
 *
 * @param onError told of connections that break; they mend themselves
 * @throws Error that names the server, never its password, when it does not answer or is too old
 */
export async function openRedisBackend(
  { url, prefix = PREFIX }: { readonly url: string; readonly prefix?: string },
  onError: (error: Error) => void,
): Promise<QueueBackend> {
  const queues = connect(url, FAIL_FAST, onError);
  try {
    await untilReady(queues, CONNECT_MS);
    await checkVersion(queues);
  } catch (error) {
    queues.disconnect();
    throw new Error(`The Redis at ${addressOf(url)} cannot be used: ${(error as Error).message}`);
  }
  const workers = connect(url, PATIENT, onError);
  const connections = {
    factory: createRedisBackend as unknown as BackendFactory,
    queues,
    workers,
    // Its check of the version is one more command that can fail while a connection is made, and then for ever.
    options: { prefix, skipVersionCheck: true },
    skipWaitingForReady: true,
  };
  return new BullBackend(connections, onError, async () => {
    queues.disconnect();
    workers.disconnect();
  });
}

/** Asks a server for one answer. @throws when there is none */
export async function askRedis(url: string): Promise<void> {
  const client = connect(url, FAIL_FAST, () => undefined);
  try {
    await untilReady(client, ASK_MS);
    await checkVersion(client);
  } finally {
    client.disconnect();
  }
}

/** Where the server is, without user, password and parameters. */
export function addressOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function connect(
  url: string,
  options: typeof FAIL_FAST | typeof PATIENT,
  onError: (error: Error) => void,
): Redis {
  const client = new Redis(url, {
    ...options,
    connectTimeout: CONNECT_MS,
    retryStrategy: (attempt) => Math.min(attempt * RECONNECT_STEP_MS, RECONNECT_MAX_MS),
  });
  client.on('error', (error: Error & { command?: unknown }) => {
    // The command that failed comes with its arguments, and those of AUTH are the password.
    delete error.command;
    onError(error);
  });
  return client;
}

async function untilReady(client: Redis, patienceMs: number): Promise<void> {
  let reason = 'no answer';
  const remember = (error: Error) => (reason = error.message);
  client.on('error', remember);
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      timer = setTimeout(() => reject(new Error(reason)), patienceMs);
    });
  } finally {
    clearTimeout(timer);
    client.off('error', remember);
  }
}

async function checkVersion(client: Redis): Promise<void> {
  const version = /^redis_version:(\S+)/m.exec(await client.info('server'))?.[1] ?? '0';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needed, neededMinor] = MIN_VERSION;
  if (major < needed || (major === needed && minor < neededMinor))
    throw new Error(`it is ${version}, and ${MIN_VERSION.join('.')} or newer is needed`);
}
