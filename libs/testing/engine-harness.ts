import { v7 as uuid } from 'uuid';
import { generateKeyPairSync, sign } from 'node:crypto';
import type { Limits } from '#domain/cost/budget.js';
import { keyIdOf } from '#engine/archive/signature.js';
import type { EngineDeps, OriginDeps } from '#engine/deps.js';
import type { Signer } from '#engine/ports/signer.port.js';
import type { NewPlan } from '#engine/ports/new-plan.js';
import type { PlanTx } from '#engine/ports/store.port.js';
import { BullQueue } from '#queue/queue-adapter.js';
import { openQueueBackend } from '#queue/open-queue-backend.js';
import type { QueueBackend } from '#queue/queue-backend.js';
import { GITHUB } from '#platform/forge/forge-place.js';
import { GitHubForge } from '#platform/forge/github-forge.js';
import { systemClock } from '#platform/runtime/system-clock.js';
import { systemIds } from '#platform/runtime/system-ids.js';
import { openDatabase, type Database } from '#store/database.js';
import { openSql, type Sql } from '#store/sql.js';
import { PostgresStore } from '#store/store-adapter.js';
import { aNewPlan, type PhaseShape } from './plan-builder.js';
import { createTestDatabase, type TestDatabase } from './postgres.js';

/** As it is configured where nothing is. */
export const NO_LIMITS: Limits = { attempt: null, plan: null, day: null };

export const LEASE_MS = 60_000;

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A store on a database of its own, with the rows that every plan refers to. */
export class StoreHarness {
  private constructor(
    readonly database: TestDatabase,
    readonly db: Database,
    readonly sql: Sql,
    readonly store: PostgresStore,
    readonly ownerId: string,
    readonly systemId: string,
    readonly repositoryId: string,
  ) {}

  static async open(): Promise<StoreHarness> {
    const database = await createTestDatabase();
    const db = openDatabase(database.url);
    const sql = openSql(database.url);
    const store = new PostgresStore(db, sql, {
      leaseMs: LEASE_MS,
      ids: systemIds,
      holder: 'test',
      maxTasks: null,
      budgets: NO_LIMITS,
    });
    const ownerId = await store.builtInActor('user');
    const systemId = await store.builtInActor('system');
    const repositoryId = await store.registerRepository({
      id: uuid(),
      origin: '/srv/demo',
      name: 'demo',
      actorId: ownerId,
    });
    return new StoreHarness(database, db, sql, store, ownerId, systemId, repositoryId);
  }

  async close(): Promise<void> {
    await this.sql.close();
    await this.db.$disconnect();
    await this.database.drop();
  }

  /** A plan with these phases, `ready`. @returns its id */
  async plan(phases: readonly PhaseShape[], over: Partial<NewPlan> = {}): Promise<string> {
    const ids = { id: uuid(), repositoryId: this.repositoryId, actorId: this.ownerId };
    return (await this.store.createPlan(aNewPlan(ids, phases, over))).id;
  }

  /** Runs `work` on the locked plan; the plan must exist. */
  async onPlan<T>(planId: string, work: (tx: PlanTx) => Promise<T>): Promise<T> {
    const done = await this.store.withPlan(planId, work);
    if (done === null) throw new Error(`there is no plan ${planId}`);
    return done.result;
  }

  /** Everything of a plan that a transaction might have changed, as one comparable value. */
  async dump(planId: string): Promise<unknown> {
    const where = { planId };
    return {
      plan: await this.db.plan.findUnique({ where: { id: planId } }),
      phases: await this.db.phase.findMany({ where, orderBy: { position: 'asc' } }),
      tasks: await this.db.planTask.findMany({ where, orderBy: { number: 'asc' } }),
      attempts: await this.db.taskAttempt.findMany({ where, orderBy: { id: 'asc' } }),
      runs: await this.db.verificationRun.findMany({ where, orderBy: { id: 'asc' } }),
      integrations: await this.db.integration.findMany({ where, orderBy: { id: 'asc' } }),
      events: await this.db.planEvent.findMany({ where, orderBy: { seq: 'asc' } }),
      outbox: await this.db.outbox.findMany({ where, orderBy: { id: 'asc' } }),
    };
  }
}

/** A key that nobody else has. */
export function newSigner(): Signer & { readonly pem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return {
    pem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    key: () => Promise.resolve({ id: keyIdOf(spki), publicKey: spki.toString('base64') }),
    sign: (data) => Promise.resolve(sign(null, data, privateKey)),
  };
}

/** The engine's commands on a real store and a real queue. */
export class EngineHarness {
  private constructor(
    readonly stores: StoreHarness,
    private readonly backend: QueueBackend,
    private readonly queue: BullQueue,
    readonly deps: EngineDeps & Pick<OriginDeps, 'signer' | 'tools' | 'forge'>,
  ) {}

  static async open(): Promise<EngineHarness> {
    const stores = await StoreHarness.open();
    const backend = await openQueueBackend({ backend: 'postgres', url: stores.database.url }, () => {});
    const queue = new BullQueue(backend);
    const { store, systemId: systemActorId } = stores;
    const deps = {
      store,
      queue,
      clock: systemClock,
      ids: systemIds,
      log: SILENT,
      leaseMs: LEASE_MS,
      reach: () => {},
      systemActorId,
      signer: newSigner(),
      forge: new GitHubForge(GITHUB, null),
      tools: { planwright: 'test' },
    };
    return new EngineHarness(stores, backend, queue, deps);
  }

  async close(): Promise<void> {
    await this.queue.close();
    await this.backend.close();
    await this.stores.close();
  }
}
