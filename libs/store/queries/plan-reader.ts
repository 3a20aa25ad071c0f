import type { PhaseView, PlanEventView, PlanView } from '#contracts/api/plans.js';
import type { FeedEventView } from '#contracts/api/events.js';
import type { Database } from '../database.js';
import type { Prisma } from '../generated/client.js';
import type { Sql } from '../sql.js';
import { toArchiveView } from './archive-view.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { costMember, readCosts, type Costs } from './costs.js';
import { iso, taskViews, type PlacedTask } from './task-views.js';

type PlanRow = Prisma.PlanGetPayload<{ include: { repository: true } }>;

/** A plan's own columns under the names of its view; dates are still dates. */
const PLAN = `
  SELECT p.id, p.number, p.name, p.description, p.metadata, p.status, p.pause_reason AS "pauseReason",
         p.pause_note AS "pauseNote", p.base_branch AS "baseBranch", p.base_commit AS "baseCommit",
         p.target_branch AS "targetBranch", p.branch, p.tip_commit AS "tipCommit",
         p.published_commit AS "publishedCommit", p.publish_error AS "publishError", p.priority,
         p.auto_commit AS "autoCommit", p.budget, p.warnings, p.revision, p.created_at AS "createdAt",
         p.started_at AS "startedAt", p.finished_at AS "finishedAt", p.event_seq AS "eventSeq", p.archive,
         json_build_object('id', r.id, 'name', r.name, 'origin', r.origin) AS repository
    FROM plans p JOIN repositories r ON r.id = p.repository_id WHERE p.id = $1`;

const PHASES = `
  SELECT h.id, h.position, h.name, h.description, h.mode, h.approval, h.at_end AS "atEnd", h.concurrency, h.status,
         h.success_criteria AS "successCriteria", h.started_at AS "startedAt", h.finished_at AS "finishedAt"
    FROM phases h WHERE h.plan_id = $1 ORDER BY h.position`;

/** The columns of `PLAN`. */
type HeadRow = Pick<PlanRow, Exclude<keyof PlanView, 'phases' | 'repository' | 'cost'>> & {
  readonly repository: PlanView['repository'];
};

type PhaseRow = Omit<PhaseView, 'tasks' | 'cost' | 'startedAt' | 'finishedAt'> & {
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
};

/** Where a reader of the feed across plans stands. */
export interface FeedCursor {
  readonly txid: bigint;
  readonly id: bigint;
}

interface FeedRow extends FeedCursor, Omit<FeedEventView, 'at'> {
  readonly at: Date;
}

/** Named reads of plans, as clients see them. */
export class PlanReader {
  constructor(
    private readonly db: Database,
    private readonly sql: Sql,
  ) {}

  /** A plan whole, as it was at one moment. */
  async plan(id: string): Promise<PlanView | null> {
    const [[row], phases, tasks, costs] = await this.sql.read((tx) => {
      const spent = readCosts(tx, { planId: id });
      return Promise.all([
        tx.rows<HeadRow>(PLAN, [id]),
        tx.rows<PhaseRow>(PHASES, [id]),
        taskViews(tx, { planId: id }, spent),
        spent,
      ]);
    });
    if (row === undefined) return null;
    const tasksOf = new Map(phases.map((phase) => [phase.id, [] as PlacedTask[]]));
    for (const task of tasks) tasksOf.get(task.phaseId)?.push(task);
    return {
      ...toPlanHead(row, costs),
      phases: phases.map((phase) => toPhaseView(phase, tasksOf.get(phase.id) ?? [])),
    };
  }

  /**
   * Plans, the latest first.
   *
   * @param query.cursor the one of the page before
   * @returns a cursor only when there may be more
   */
  async plans(query: {
    readonly limit: number;
    readonly repositoryId?: string | undefined;
    readonly status?: PlanView['status'] | undefined;
    readonly cursor?: string | undefined;
  }): Promise<{ items: Omit<PlanView, 'phases'>[]; nextCursor: string | null }> {
    const { limit, repositoryId, status, cursor } = query;
    const rows = await this.db.plan.findMany({
      where: {
        deletedAt: null,
        ...(repositoryId === undefined ? {} : { repositoryId }),
        ...(status === undefined ? {} : { status }),
        ...(cursor === undefined
          ? {}
          : { number: { lt: Number(decodeCursor('plans', cursor, /^[1-9]\d{0,8}$/)) } }),
      },
      orderBy: { number: 'desc' },
      take: limit + 1,
      include: { repository: true },
    });
    const shown = rows.slice(0, limit);
    const costs = await readCosts(this.sql, { planIds: shown.map(({ id }) => id) });
    const items = shown.map((row) => toPlanHead(row, costs));
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { items, nextCursor: last === undefined ? null : encodeCursor('plans', String(last.number)) };
  }

  /**
   * Events of all plans above a cursor, in the order in which their transactions began. Only what no open
   * transaction can still come before is read, so that a late commit is never skipped.
   */
  async feed(after: FeedCursor, limit: number): Promise<{ cursor: FeedCursor; event: FeedEventView }[]> {
    const rows = await this.db.$queryRaw<FeedRow[]>`
      SELECT e.id, e.txid, e.seq, e.type, e.at, e.payload, a.name AS actor, p.id AS "planId", p.number AS plan
        FROM plan_events e JOIN actors a ON a.id = e.actor_id JOIN plans p ON p.id = e.plan_id
       WHERE (e.txid, e.id) > (${after.txid}, ${after.id})
         AND e.txid < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
         AND p.deleted_at IS NULL
       ORDER BY e.txid, e.id LIMIT ${limit}`;
    return rows.map(({ id, txid, at, ...event }) => ({
      cursor: { txid, id },
      event: { ...event, at: at.toISOString() },
    }));
  }

  /** Events of a plan above a sequence number, in order. */
  async events(planId: string, after: number, limit: number): Promise<PlanEventView[]> {
    const rows = await this.sql.rows<Omit<PlanEventView, 'at'> & { readonly at: Date }>(
      `SELECT e.seq, e.type, e.at, a.name AS actor, e.payload FROM plan_events e JOIN actors a ON a.id = e.actor_id
        WHERE e.plan_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3`,
      [planId, after, limit],
    );
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  }
}

function toPlanHead(row: PlanRow | HeadRow, costs: Costs): Omit<PlanView, 'phases'> {
  return {
    id: row.id,
    number: row.number,
    name: row.name,
    description: row.description,
    metadata: row.metadata as Record<string, unknown>,
    status: row.status as PlanView['status'],
    pauseReason: row.pauseReason as PlanView['pauseReason'],
    pauseNote: row.pauseNote,
    repository: { id: row.repository.id, name: row.repository.name, origin: row.repository.origin },
    baseBranch: row.baseBranch,
    baseCommit: row.baseCommit,
    targetBranch: row.targetBranch,
    branch: row.branch,
    tipCommit: row.tipCommit,
    publishedCommit: row.publishedCommit,
    publishError: row.publishError,
    priority: row.priority,
    autoCommit: row.autoCommit,
    ...(row.budget === null ? {} : { budget: row.budget as NonNullable<PlanView['budget']> }),
    ...costMember([costs.get(row.id)]),
    archive: toArchiveView(row.archive),
    warnings: row.warnings as string[],
    revision: row.revision,
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
    eventSeq: row.eventSeq,
  };
}

function toPhaseView(row: PhaseRow, tasks: readonly PlacedTask[]): PhaseView {
  return {
    ...row,
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
    tasks: tasks.map(({ view }) => view),
    ...costMember(tasks.flatMap(({ spent }) => spent)),
  };
}
