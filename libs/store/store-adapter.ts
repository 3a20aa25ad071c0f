import type { Limits } from '#domain/cost/budget.js';
import type { ArchiveRecord, PlanRecord } from '#contracts/archive/manifest.js';
import { Fenced } from '#engine/fenced.js';
import type { Ids } from '#engine/ports/ids.port.js';
import type { HeldIteration, IterationOrder, ModelWork, PaidAnswer } from '#engine/ports/iteration.port.js';
import type {
  FinishedJudgement,
  ForgottenJudgement,
  JudgementOrder,
  UnseenSpec,
} from '#engine/ports/judgement.port.js';
import type { NewPlan } from '#engine/ports/new-plan.js';
import type { NoticeFacts } from '#engine/ports/notice.port.js';
import type { FinishedWork, Leased, Overdue, PlanTx, Publication, Store } from '#engine/ports/store.port.js';
import type { OutboxRow, OutboxStore } from '#engine/ports/outbox.port.js';
import type { ClaimedPlace, FoundSteps, StepPlace } from '#engine/ports/steps.port.js';
import { archiveRecord, planRecord } from './archive-record.js';
import { isConnectionError } from './connection-errors.js';
import { createPlan } from './create-plan.js';
import { deletePlan } from './delete-plan.js';
import { PostgresDeliveries } from './deliveries.js';
import type { Database } from './database.js';
import { EventBell } from './event-bell.js';
import { Foresight } from './foresight.js';
import {
  findFairestQueued,
  findOverdue,
  findPlansIn,
  findPlansToDispatch,
  redeliver,
  renewClaim,
  renewLease,
  touchDelivery,
} from './leases.js';
import { claimIteration, rememberAnswer } from './iterations.js';
import { claimJudgement, finishJudgement, forgetJudgements, unseenSpecs } from './judgements.js';
import { postponeOutbox, settleOutbox, takeOutbox } from './outbox.js';
import { noticeFacts } from './notice-facts.js';
import { finishedWork } from './finished-work.js';
import { lockAsSeen, lockPlan, type OpenPlan } from './lock-plan.js';
import type { LockedPlanTx } from './plan-tx.js';
import { PostgresProfiles } from './profiles.js';
import { ownersOf, prunable } from './prune.js';
import { recordPublication } from './record-publication.js';
import { PostgresSessions } from './sessions.js';
import type { Sql, SqlTx } from './sql.js';
import { findPlansWithDueWaits } from './waits.js';
import { PostgresWorkItems } from './work-items.js';

export interface StoreOptions {
  readonly leaseMs: number;
  readonly ids: Ids;
  /** Who takes leases, for people who look. */
  readonly holder: string;
  /** Tasks of all plans that may be active at once; null: no limit. */
  readonly maxTasks: number | null;
  /** What plans that say nothing else may cost. */
  readonly budgets: Limits;
}

/** What a transaction returned, and the effects that it left in the outbox. */
interface Committed<T> {
  readonly result: T;
  readonly outbox: readonly OutboxRow[];
}

/** Reads that go with the commit. */
type After<T> = (open: OpenPlan, result: T, db: Pick<SqlTx, 'rows'>) => Promise<void>;

/** What was seen of the plan is not so any more: nothing is done. */
function nullIfFenced(error: unknown): null {
  if (error instanceof Fenced) return null;
  throw error;
}

/** The engine's store on Postgres: SQL under a plan's lock and in the hot path, Prisma for the rest. */
export class PostgresStore implements Store {
  readonly sessions: PostgresSessions;
  readonly profiles: PostgresProfiles;
  readonly deliveries: PostgresDeliveries;
  readonly workItems: PostgresWorkItems;
  private readonly bell: EventBell;
  private readonly foresight = new Foresight();

  constructor(
    private readonly db: Database,
    private readonly sql: Sql,
    private readonly options: StoreOptions,
  ) {
    this.profiles = new PostgresProfiles(sql);
    this.sessions = new PostgresSessions(sql);
    this.deliveries = new PostgresDeliveries(sql, options);
    this.bell = new EventBell(sql);
    this.workItems = new PostgresWorkItems(sql);
  }

  async withPlan<T>(planId: string, work: (tx: PlanTx) => Promise<T>): Promise<Committed<T> | null> {
    return this.committed((db) => lockPlan(db, planId, this.options, null), work);
  }

  async withSteps<T extends readonly ClaimedPlace[]>(
    planId: string,
    steps: readonly StepPlace[],
    work: (tx: PlanTx, found: FoundSteps) => Promise<T>,
  ): Promise<Committed<T> | null> {
    const { foresight, options } = this;
    const onSteps = async (tx: LockedPlanTx) => work(tx, await tx.foundSteps());
    const look: After<T> = (open, claimed, db) => {
      const begun = claimed.filter(({ effect }) => effect === 'none');
      return foresight.look(open, steps, begun, db);
    };
    const seen = await foresight.take(planId, steps);
    const open = async (db: SqlTx) => seen && lockAsSeen(db, seen, steps, options);
    const done = seen && (await this.committed(open, onSteps, look).catch(nullIfFenced));
    return done ?? this.committed((db) => lockPlan(db, planId, options, steps), onSteps, look);
  }

  private async committed<T>(
    open: (db: SqlTx) => Promise<OpenPlan | null>,
    work: (tx: LockedPlanTx) => Promise<T>,
    after?: After<T>,
  ): Promise<Committed<T> | null> {
    const inside = async (db: SqlTx) => {
      const opened = await open(db);
      if (opened === null) return null;
      const result = await work(opened.tx);
      return { opened, result, news: opened.tx.finish() };
    };
    const done = await this.sql.transaction(inside, async (ended, db) => {
      if (ended !== null) await after?.(ended.opened, ended.result, db);
    });
    if (done === null) return null;
    const { tx } = done.opened;
    if (done.news !== 'none') this.bell.ring(tx.plan.id, done.news === 'notice');
    return { result: done.result, outbox: await tx.outbox() };
  }

  finishedWork(planId: string): Promise<FinishedWork> {
    return finishedWork(this.sql, planId);
  }

  isAway(error: unknown): boolean {
    return isConnectionError(error);
  }

  deletePlan(planId: string, expectedRevision: number | undefined): ReturnType<Store['deletePlan']> {
    return deletePlan(this.db, planId, expectedRevision);
  }

  async createPlan(plan: NewPlan): Promise<{ id: string; number: number }> {
    const created = await createPlan(this.sql, plan, this.options.ids);
    this.bell.ring(created.id);
    return created;
  }

  async findRepository(origin: string): Promise<string | null> {
    const [row] = await this.sql.rows<{ id: string }>('SELECT id FROM repositories WHERE origin = $1', [
      origin,
    ]);
    return row?.id ?? null;
  }

  async registerRepository(input: {
    id: string;
    origin: string;
    name: string;
    actorId: string;
  }): Promise<string> {
    const { id, origin, name, actorId: createdBy } = input;
    const row = await this.db.repository.upsert({
      where: { origin },
      create: { id, origin, name, createdBy },
      // An empty update would be a read and then an insert, which two can do at once.
      update: { origin },
      select: { id: true },
    });
    return row.id;
  }

  async originOf(repositoryId: string): Promise<string> {
    const where = { id: repositoryId };
    return (await this.db.repository.findUniqueOrThrow({ where, select: { origin: true } })).origin;
  }

  async limitRepository(repositoryId: string, maxTasks: number | null): Promise<boolean> {
    const { count } = await this.db.repository.updateMany({
      where: { id: repositoryId },
      data: { maxTasks },
    });
    return count === 1;
  }

  async builtInActor(kind: 'user' | 'system'): Promise<string> {
    const name = kind === 'user' ? 'owner' : 'planwright';
    const row = await this.db.actor.upsert({
      where: { name },
      create: { id: this.options.ids.next(), kind, name },
      // An empty update would be a read and then an insert, which two can do at once.
      update: { name },
      select: { id: true },
    });
    return row.id;
  }

  renew(leased: Leased): Promise<boolean> {
    return renewLease(this.sql, leased, this.options.leaseMs);
  }

  renewClaim(claim: Parameters<Store['renewClaim']>[0]): Promise<Date | null> {
    return renewClaim(this.sql, claim);
  }

  overdue(limit: number): Promise<Overdue[]> {
    return findOverdue(this.sql, limit, this.options.leaseMs);
  }

  redeliver(overdue: Overdue): Promise<OutboxRow | null> {
    return redeliver(this.sql, overdue);
  }

  touchDelivery(overdue: Overdue): Promise<void> {
    return touchDelivery(this.sql, overdue);
  }

  plansToDispatch(limit: number): Promise<string[]> {
    return findPlansToDispatch(this.sql, limit);
  }

  plansWithDueWaits(limit: number): Promise<string[]> {
    return findPlansWithDueWaits(this.sql, limit);
  }

  fairestQueued(): Promise<{ planId: string; attemptId: string } | null> {
    return findFairestQueued(this.sql);
  }

  archiveRecord(planId: string): Promise<ArchiveRecord | null> {
    return archiveRecord(this.sql, planId);
  }

  planRecord(planId: string): Promise<PlanRecord | null> {
    return planRecord(this.sql, planId);
  }

  plansToArchive(limit: number): Promise<string[]> {
    return findPlansIn(this.sql, 'archiving', limit);
  }

  plansToCancel(limit: number): Promise<string[]> {
    return findPlansIn(this.sql, 'cancelling', limit);
  }

  plansToRewind(limit: number): Promise<string[]> {
    return findPlansIn(this.sql, 'rewinding', limit);
  }

  prunable(input: Parameters<Store['prunable']>[0]): ReturnType<Store['prunable']> {
    return prunable(this.sql, input);
  }

  ownersOf(planIds: readonly string[], ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return ownersOf(this.sql, planIds, ids);
  }

  claimJudgement(id: string): Promise<JudgementOrder | null> {
    return claimJudgement(this.sql, id, this.options);
  }

  finishJudgement(finished: FinishedJudgement): Promise<void> {
    return finishJudgement(this.sql, finished);
  }

  forgetJudgements(): Promise<ForgottenJudgement[]> {
    return forgetJudgements(this.sql);
  }

  claimIteration(kind: ModelWork, id: string): Promise<IterationOrder | null> {
    return claimIteration(this.sql, { kind, id }, this.options);
  }

  rememberAnswer(held: HeldIteration, paid: PaidAnswer): Promise<void> {
    return rememberAnswer(this.sql, held, paid);
  }

  unseenSpecs(planId: string): Promise<UnseenSpec[]> {
    return unseenSpecs(this.sql, planId);
  }

  takeOutbox(input: Parameters<OutboxStore['takeOutbox']>[0]): Promise<OutboxRow[]> {
    return takeOutbox(this.sql, input);
  }

  settleOutbox(ids: readonly bigint[]): Promise<void> {
    return settleOutbox(this.sql, ids);
  }

  postponeOutbox(id: bigint, error: string): Promise<void> {
    return postponeOutbox(this.sql, id, error);
  }

  async publication(planId: string): Promise<Publication | null> {
    const plan = await this.db.plan.findUnique({
      where: { id: planId },
      include: {
        repository: true,
        rewinds: { where: { status: 'done' }, select: { fromCommit: true } },
        deliveries: {
          where: { way: { not: 'merge' }, commit: { not: null } },
          select: { commit: true, tipCommit: true },
        },
      },
    });
    if (plan === null || plan.status === 'archived') return null;
    const { repositoryId, branch, tipCommit: commit, rewinds } = plan;
    const heads = plan.deliveries.filter(({ tipCommit }) => tipCommit !== commit);
    const left = [
      ...rewinds.map(({ fromCommit }) => fromCommit),
      ...heads.flatMap((each) => each.commit ?? []),
    ];
    if (commit === plan.baseCommit && left.length === 0) return null;
    return { repositoryId, origin: plan.repository.origin, branch, commit, left };
  }

  noticeFacts(planId: string): Promise<NoticeFacts | null> {
    return noticeFacts(this.sql, planId);
  }

  recordPublication(planId: string, result: { commit: string } | { error: string }): Promise<void> {
    return recordPublication(this.sql, planId, result);
  }
}
