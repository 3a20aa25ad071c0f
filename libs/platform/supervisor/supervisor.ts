import path from 'node:path';
import type { QueueConfig } from '#queue/queue-backend.js';
import { migrateUp } from '#store/migrations/migrate.js';
import { withoutModelKey } from '../config/model-settings.js';
import type { QueueSettings } from '../config/queue-settings.js';
import type { Home } from '../home/home.js';
import { acquireInstanceLock, type InstanceLock, type LockOwner } from '../home/instance-lock.js';
import { choosePort, isFree, PREFERRED_API_PORT } from '../home/ports.js';
import { identify } from '../home/process-identity.js';
import type { Log } from '../log.js';
import { startEmbeddedPostgres } from '../postgres/embedded-postgres.js';
import { startRedis, stopLeftOverRedis } from '../redis/redis-server.js';
import { endLeftOverServices, removeRunState, writeRunState, type RunState } from './run-state.js';
import { keepServer, type Server, type ServerKeeper } from './server-keeper.js';
import { ServiceProcess } from './service-process.js';
import type { ServerName, StackEvent } from './stack-event.js';

const DEFAULT_GRACE_MS = 10_000;

/** One kind of process of the stack. */
export interface ServiceSpec {
  readonly name: string;
  /** The compiled main file, below the package root: `dist/apps/api/main.js`. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Wins over the environment of the supervisor; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** It calls models: only such a service is given the key. */
  readonly models?: boolean;
}

export interface StackOptions {
  /** Made by `createHome`. */
  readonly home: Home;
  readonly packageRoot: string;
  readonly log: Log;
  readonly services: readonly ServiceSpec[];
  /** The service that people talk to: it gets `PLANWRIGHT_API_PORT` and says its address when it is ready. */
  readonly api?: { readonly service: string; /** A port a person insists on. */ readonly port?: number };
  /** A server of the user's own instead of the embedded one. */
  readonly databaseUrl?: string;
  /** Where the queues go; in the database by default. A Redis that is not the user's own is started here. */
  readonly queue?: QueueSettings;
  readonly onEvent?: (event: StackEvent) => void;
  /** Aborting it while the stack starts ends what was started and rejects with `StackStoppedError`. */
  readonly stop?: AbortSignal;
  /** Aborting it while the stack stops takes all grace away. */
  readonly hurry?: AbortSignal;
  readonly graceMs?: number;
}

export interface Stack {
  /** Where the API answers; undefined without an API service. */
  readonly url: string | undefined;
  /** The database of this moment. */
  databaseUrl(): string;
  /** The processes of this moment. */
  state(): RunState;
  /** Ends every process: services first, then the servers. Further calls wait for the first. */
  stop(): Promise<void>;
}

/** Another supervisor runs this data folder. */
export class StackAlreadyRunningError extends Error {
  override readonly name = 'StackAlreadyRunningError';

  constructor(readonly owner: LockOwner) {
    super(
      `Planwright runs already (pid ${owner.pid}${owner.url === undefined ? ', still starting' : `, ${owner.url}`})`,
    );
  }
}

/** The person asked to stop before everything was up; nothing is left running. */
export class StackStoppedError extends Error {
  override readonly name = 'StackStoppedError';

  constructor() {
    super('Stopped while starting');
  }
}

/**
 * Brings everything up: servers, migrations, services. Resolves when every service said that it is ready;
 * rejects, with nothing left running, when one of them cannot.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const attempt = await acquireInstanceLock(options.home);
  if (!attempt.acquired) throw new StackAlreadyRunningError(attempt.owner);
  const supervisor = new Supervisor(options, attempt.lock);
  try {
    return await supervisor.start();
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
}

class Supervisor {
  private postgres: ServerKeeper | undefined;
  private redis: ServerKeeper | undefined;
  private services: ServiceProcess[] = [];
  private url: string | undefined;
  private port: number | undefined;
  private stopped: Promise<void> | undefined;
  private writing: Promise<void> = Promise.resolve();
  private readonly onEvent: (event: StackEvent) => void;
  private readonly graceMs: number;

  constructor(
    private readonly options: StackOptions,
    private readonly lock: InstanceLock,
  ) {
    this.onEvent = options.onEvent ?? (() => undefined);
    this.graceMs = options.graceMs ?? DEFAULT_GRACE_MS;
  }

  async start(): Promise<Stack> {
    const { home, log, databaseUrl, packageRoot } = this.options;
    await endLeftOverServices(home, log, this.graceMs);
    await stopLeftOverRedis(home, log);
    this.proceed();
    if (databaseUrl === undefined)
      this.postgres = await this.keep('Postgres', () => startEmbeddedPostgres({ home, log }));
    this.proceed();
    if (this.needsRedis())
      this.redis = await this.keep('Redis', () => startRedis({ home, log, path: process.env['PATH'] ?? '' }));
    this.changed();
    this.proceed();
    await migrateUp({ url: this.databaseUrl(), migrationsDir: path.join(packageRoot, 'prisma/migrations') });
    this.proceed();
    this.services = this.options.services.map((spec) => this.serviceOf(spec));
    await Promise.all(this.services.map((service) => service.start()));
    await this.untilReady();
    if (this.url !== undefined) await this.lock.announce(this.url);
    await this.record();
    return {
      url: this.url,
      databaseUrl: () => this.databaseUrl(),
      state: () => this.state(),
      stop: () => this.stop(),
    };
  }

  stop(): Promise<void> {
    this.stopped ??= this.stopAll();
    return this.stopped;
  }

  private async stopAll(): Promise<void> {
    const kill = () => this.services.forEach((service) => service.kill());
    if (this.options.hurry?.aborted === true) kill();
    this.options.hurry?.addEventListener('abort', kill, { once: true });
    await Promise.all(this.services.map((service) => service.stop(this.graceMs)));
    this.options.hurry?.removeEventListener('abort', kill);
    await this.redis?.stop();
    await this.postgres?.stop();
    await this.writing.catch(() => undefined);
    await removeRunState(this.options.home);
    await this.lock.release();
  }

  private keep(name: ServerName, start: () => Promise<Server>): Promise<ServerKeeper> {
    return keepServer({
      name,
      start,
      onEvent: this.onEvent,
      onRestart: (urlChanged) => {
        this.changed();
        // Services reconnect by themselves, but only to the address that they know.
        if (urlChanged) this.services.forEach((service) => service.restart());
      },
    });
  }

  private needsRedis(): boolean {
    const { queue } = this.options;
    return queue?.backend === 'redis' && queue.redisUrl === undefined;
  }

  private queue(): QueueConfig {
    const { queue } = this.options;
    if (queue?.backend !== 'redis') return { backend: 'postgres', url: this.databaseUrl() };
    const url = queue.redisUrl ?? this.redis?.url();
    if (url === undefined) throw new Error('The Redis has not been started');
    return { backend: 'redis', url };
  }

  private serviceOf({ name, entry, args = [], env = {}, models = false }: ServiceSpec): ServiceProcess {
    const { home, packageRoot, api, services } = this.options;
    const othersHaveKey = services.some((service) => service.models === true);
    const service = new ServiceProcess({
      name,
      args,
      entry: path.resolve(packageRoot, entry),
      logFile: path.join(home.logs, `${name}.log`),
      env: async (everReady) => ({
        ...(models ? {} : withoutModelKey(process.env, othersHaveKey)),
        DATABASE_URL: this.databaseUrl(),
        ...queueVariables(this.queue()),
        PLANWRIGHT_HOME: home.root,
        ...(name === api?.service ? { PLANWRIGHT_API_PORT: String(await this.apiPort(everReady)) } : {}),
        ...env,
      }),
      onChange: () => {
        if (name === api?.service) this.url = service.url ?? this.url;
        this.changed();
      },
      onEvent: this.onEvent,
    });
    return service;
  }

  /** Chosen anew until the API once had it; from then on it stays, since clients hold its address. */
  private async apiPort(everReady: boolean): Promise<number> {
    const wanted = this.options.api?.port;
    if (wanted !== undefined) {
      if (!everReady && !(await isFree(wanted)))
        throw new Error(`Port ${wanted} is taken by another program`);
      return wanted;
    }
    if (this.port === undefined || !everReady) {
      this.port = await choosePort(this.options.home.run.apiPortFile, PREFERRED_API_PORT);
    }
    return this.port;
  }

  private async untilReady(): Promise<void> {
    const { stop } = this.options;
    const aborted = new Promise<never>((_, reject) => {
      stop?.addEventListener('abort', () => reject(new StackStoppedError()), { once: true });
    });
    this.proceed();
    await Promise.race([aborted, Promise.all(this.services.map((service) => service.ready))]);
  }

  private proceed(): void {
    if (this.options.stop?.aborted === true) throw new StackStoppedError();
  }

  private databaseUrl(): string {
    const url = this.options.databaseUrl ?? this.postgres?.url();
    if (url === undefined) throw new Error('The database has not been started');
    return url;
  }

  private state(): RunState {
    return {
      supervisor: identify(process.pid),
      ...(this.url === undefined ? {} : { url: this.url }),
      ...(this.postgres === undefined ? {} : { postgres: { pid: this.postgres.pid() } }),
      databaseUrl: this.databaseUrl(),
      queue: this.queue(),
      ...(this.redis === undefined ? {} : { redis: { pid: this.redis.pid() } }),
      services: this.services.flatMap(({ current }, index) =>
        current === undefined ? [] : [{ ...current, name: this.options.services[index]?.name ?? '' }],
      ),
    };
  }

  private changed(): void {
    this.record().catch((error: Error) => this.onEvent({ type: 'failure', what: 'run state', error }));
  }

  /** One writer at a time: the file always ends as the latest state. */
  private record(): Promise<void> {
    const { home, databaseUrl } = this.options;
    const database = this.postgres !== undefined || databaseUrl !== undefined;
    const queue = this.redis !== undefined || !this.needsRedis();
    const write = () => (database && queue ? writeRunState(home, this.state()) : undefined);
    this.writing = this.writing.catch(() => undefined).then(write);
    return this.writing;
  }
}

function queueVariables({ backend, url }: QueueConfig): Record<string, string> {
  return { QUEUE_BACKEND: backend, ...(backend === 'redis' ? { REDIS_URL: url } : {}) };
}
