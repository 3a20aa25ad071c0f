import { hostname } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { OriginDeps } from '#engine/deps.js';
import type { PriceTable } from '#domain/cost/prices.js';
import type { SpendPort } from '#engine/ports/spend.port.js';
import type { LlmPort } from '#engine/ports/llm.port.js';
import { borrowedObjects } from '#git/borrowed-objects.js';
import { createGit } from '#git/git-adapter.js';
import { BullQueue } from '#queue/queue-adapter.js';
import { openQueueBackend } from '#queue/open-queue-backend.js';
import type { QueueBackend } from '#queue/queue-backend.js';
import { RunnerProcess } from '#sandbox/runner-process.js';
import { openSandbox, type Sandbox } from '#sandbox/sandbox.js';
import { openDatabase, type Database } from '#store/database.js';
import { openSql, type Sql } from '#store/sql.js';
import { PostgresSpend } from '#store/spend.js';
import { PostgresStore } from '#store/store-adapter.js';
import type { Config } from '../config/config.js';
import { readPrices } from '../config/read-prices.js';
import { GitHubForge } from '../forge/github-forge.js';
import { homeAt } from '../home/home.js';
import { homeSigner } from '../home/signing-key.js';
import { crashAt } from '../crash/crash-at.js';
import { collectWhenIdle } from './idle-collection.js';
import { openModels } from './open-models.js';
import { systemClock } from './system-clock.js';
import { toolVersions } from './tool-versions.js';
import { systemIds } from './system-ids.js';

/** What every process of the stack holds open. */
export interface Runtime {
  readonly config: Config;
  readonly logger: Logger;
  readonly database: Database;
  readonly sql: Sql;
  readonly backend: QueueBackend;
  readonly deps: OriginDeps;
  /** What model calls cost, and may cost. */
  readonly spend: SpendPort;
  readonly prices: PriceTable;
  /** What starts untrusted processes. */
  readonly sandbox: Sandbox;
  /** Starts what starts them, so that the first does not wait for it. */
  prepareRuns(): void;
  /** Models; without a key in this process every call says so. */
  readonly llm: LlmPort;
  /** Folder of this process alone: mirrors, pools, scratch. */
  readonly workerHome: string;
  close(): Promise<void>;
}

/** Connects one process to the database, the queue and git. */
export async function openRuntime(config: Config, logger: Logger, service: string): Promise<Runtime> {
  const database = openDatabase(config.databaseUrl);
  const backend = await openQueueBackend(config.queue, (error) =>
    logger.warn({ err: error }, 'queue connection'),
  );
  const queue = new BullQueue(backend);
  const sql = openSql(config.databaseUrl, (error) => logger.warn({ err: error }, 'database connection'));
  const store = new PostgresStore(database, sql, {
    leaseMs: config.leaseMs,
    ids: systemIds,
    holder: `${service}@${hostname()}:${process.pid}`,
    maxTasks: config.maxTasks,
    budgets: config.budgets,
  });
  const prices = await readPrices(config.prices);
  const spend = new PostgresSpend(sql, { ids: systemIds, prices, limits: config.budgets });
  const workerHome = path.join(config.home, 'workers', service);
  const git = openGit(config, workerHome);
  const runner = new RunnerProcess(RUNNER);
  const sandbox = await openServiceSandbox(config, logger, workerHome, runner);
  const deps: OriginDeps = {
    store,
    queue,
    git,
    forge: new GitHubForge(config.origins.forge.place, config.origins.forge.token),
    signer: homeSigner(homeAt(config.home)),
    tools: toolVersions(),
    clock: systemClock,
    ids: systemIds,
    log: logger,
    leaseMs: config.leaseMs,
    reach: crashAt(config.crashAt, service),
    systemActorId: await store.builtInActor('system'),
  };
  const stopCollecting = collectWhenIdle();
  return {
    config,
    logger,
    database,
    sql,
    backend,
    deps,
    spend,
    prices,
    sandbox,
    prepareRuns: () => runner.prepare(),
    llm: openModels(config.models),
    workerHome,
    async close() {
      stopCollecting();
      await queue.close();
      await backend.close();
      await git.close();
      await sql.close();
      await database.$disconnect();
    },
  };
}

function openGit(config: Config, workerHome: string): ReturnType<typeof createGit> {
  return createGit({
    home: workerHome,
    hubBase: config.hubBase,
    path: config.path,
    originEnvironment: config.originEnvironment,
    originCredentials: config.origins.credentials,
    helper: GIT_HELPER,
    ...(config.workerToken === null ? {} : { hubToken: config.workerToken }),
  });
}

const GIT_HELPER = fileURLToPath(new URL('../../git/helper-main.js', import.meta.url));
const RUNNER = fileURLToPath(new URL('../../sandbox/runner-main.js', import.meta.url));

/** Opens the sandbox of a service, and says aloud where there is none. */
async function openServiceSandbox(
  config: Config,
  logger: Logger,
  workerHome: string,
  runner: RunnerProcess,
): Promise<Sandbox> {
  const sandbox = await openSandbox({
    ...config.sandbox,
    path: config.path,
    tempRoot: path.join(workerHome, 'tmp'),
    secret: [config.home, config.hubBase].filter((place) => path.isAbsolute(place)),
    borrowed: borrowedObjects,
    start: (request) => runner.run(request),
  });
  const { state } = sandbox;
  if (state.isolation === 'off') logger.warn(state, 'untrusted processes run without a sandbox');
  return sandbox;
}
