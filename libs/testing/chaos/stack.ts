import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHome, type Home } from '#platform/home/home.js';
import { installToken } from '#platform/home/token.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#platform/postgres/embedded-postgres.js';
import { startRedis, type RedisServer } from '#platform/redis/redis-server.js';
import type { QueueConfig } from '#queue/queue-backend.js';
import { migrateUp } from '#store/migrations/migrate.js';
import { openSql, type Sql } from '#store/sql.js';
import type { BackendName } from '../queues.js';
import { SERVICES, type ServiceName } from './scenario.js';
import { ChaosService } from './service.js';

export interface StackOptions {
  readonly backend: BackendName;
  readonly leaseMs: number;
  readonly packageRoot: string;
}

/** What a killed process wrote is with the kernel: nothing here survives a power cut, and nothing has to. */
const POSTGRES_SETTINGS = { fsync: 'off', full_page_writes: 'off' };

/** The whole product in processes of its own, each of which may be ended at any moment and is started again. */
export class ChaosStack {
  readonly services = new Map<ServiceName, ChaosService>();
  private servers: { readonly postgres: EmbeddedPostgres; readonly redis: RedisServer | null };
  private stopping = false;
  /** The end of the server that is being started again. */
  private mending: Promise<void> = Promise.resolve();

  private constructor(
    readonly folder: string,
    readonly home: Home,
    readonly token: string,
    private readonly options: StackOptions,
    servers: ChaosStack['servers'],
    readonly sql: Sql,
  ) {
    this.servers = servers;
  }

  /** Brings everything up; resolves when all services are ready. */
  static async start(options: StackOptions): Promise<ChaosStack> {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'planwright-chaos-')));
    const home = await createHome(path.join(folder, 'home'));
    const token = await installToken(home);
    const postgres = await launchPostgres(home);
    const redis = options.backend === 'redis' ? await launchRedis(home) : null;
    await migrateUp({
      url: postgres.url,
      migrationsDir: path.join(options.packageRoot, 'prisma/migrations'),
    });
    const stack = new ChaosStack(folder, home, token, options, { postgres, redis }, openSql(postgres.url));
    for (const name of SERVICES) stack.services.set(name, stack.serviceOf(name));
    for (const service of stack.services.values()) await service.start();
    await stack.untilUp();
    return stack;
  }

  get url(): string {
    const url = this.services.get('api')?.url;
    if (url === undefined) throw new Error('The API did not say where it answers.');
    return url;
  }

  get queue(): QueueConfig {
    const { postgres, redis } = this.servers;
    return redis === null ? { backend: 'postgres', url: postgres.url } : { backend: 'redis', url: redis.url };
  }

  /** SIGKILL to a server, which comes back at the same address. */
  killServer(name: 'postgres' | 'redis'): void {
    const server = this.servers[name];
    if (server === null) throw new Error('There is no Redis to be killed.');
    this.mending = this.mending.then(async () => {
      if (this.stopping) return;
      process.kill(this.servers[name]?.pid ?? 0, 'SIGKILL');
      await this.servers[name]?.exited;
      const next = await (name === 'postgres' ? launchPostgres(this.home) : launchRedis(this.home));
      if (next.url !== server.url) throw new Error(`${name} came back at another address`);
      this.servers = { ...this.servers, [name]: next };
    });
    this.mending.catch(() => undefined);
  }

  /** Resolves when every server and service works. */
  async untilUp(): Promise<void> {
    await this.mending;
    await Promise.all([...this.services.values()].map((service) => service.untilReady()));
  }

  /** Ends every process and removes the database. @returns names of services that did not end when they were asked to */
  async stop(): Promise<string[]> {
    await this.mending.catch(() => undefined);
    this.stopping = true;
    const stubborn = await Promise.all(
      [...this.services].map(async ([name, service]) => ((await service.stop()) ? [] : [name])),
    );
    await this.sql.close().catch(() => undefined);
    await this.servers.redis?.stop();
    await this.servers.postgres.stop();
    await rm(path.dirname(this.servers.postgres.dataDir), { recursive: true, force: true });
    return stubborn.flat();
  }

  /** A second executor is a machine of its own: its own folder, and the same hubs. */
  private serviceOf(name: ServiceName): ChaosService {
    const { packageRoot, leaseMs } = this.options;
    const app = name === 'api' ? name : `${name.replace('-2', '')}-worker`;
    const second = path.join(this.folder, 'home-2');
    return new ChaosService(
      path.join(packageRoot, `dist/apps/${app}/main.js`),
      path.join(this.home.logs, `${name}.log`),
      () => ({
        DATABASE_URL: this.servers.postgres.url,
        QUEUE_BACKEND: this.queue.backend,
        ...(this.queue.backend === 'redis' ? { REDIS_URL: this.queue.url } : {}),
        PLANWRIGHT_HOME: name === 'executor-2' ? second : this.home.root,
        GIT_HUB_URL: this.home.hubs,
        PLANWRIGHT_API_PORT: String(portOf(this.services.get('api')?.url)),
        PLANWRIGHT_LEASE_MS: String(leaseMs),
        // The journal lies outside of every workspace: no sandbox would let a command write there.
        PLANWRIGHT_SANDBOX: 'off',
        PLANWRIGHT_LOG_LEVEL: 'info',
      }),
    );
  }

  /** Folders of the workers, in which nothing temporary may stay. */
  async workerHomes(): Promise<string[]> {
    const second = path.join(this.folder, 'home-2/workers');
    await mkdir(second, { recursive: true });
    return [this.home.workers, second];
  }
}

const portOf = (url: string | undefined) => (url === undefined ? 0 : new URL(url).port);

const launchPostgres = (home: Home) =>
  startEmbeddedPostgres({ home, log: () => undefined, settings: POSTGRES_SETTINGS });

const launchRedis = (home: Home) =>
  startRedis({ home, log: () => undefined, path: process.env['PATH'] ?? '' });
