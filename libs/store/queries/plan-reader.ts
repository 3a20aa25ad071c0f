import type { AttemptView, PhaseView, PlanEventView, PlanView, TaskView } from '#contracts/api/plans.js';
import type { FeedEventView } from '#contracts/api/events.js';
import type { Verdict } from '#domain/spec/verdict.js';
import type { Database } from '../database.js';
import type { Prisma } from '../generated/client.js';
import { taskHolds, type TaskHold } from './task-holds.js';
import { toArchiveView } from './archive-view.js';
import { decodeCursor, encodeCursor } from './cursor.js';

/** What views show of an attempt: not what it was given, which can be long. */
const ATTEMPT = {
  id: true,
  number: true,
  status: true,
  failure: true,
  message: true,
  result: true,
  startedAt: true,
  finishedAt: true,
} as const satisfies Prisma.TaskAttemptSelect;

/** What `toTaskView` needs of a task. */
export const TASK_VIEW = {
  dependencies: { where: { kind: 'explicit' }, include: { dependsOn: { select: { number: true } } } },
  attempts: {
    orderBy: { number: 'asc' },
    select: {
      ...ATTEMPT,
      runs: {
        where: { verdict: { not: { equals: null } } },
        orderBy: { createdAt: 'desc' },
        take: 1,
        select: { verdict: true },
      },
    },
  },
} as const satisfies Prisma.PlanTaskInclude;

/** What a plan shows of a task by itself. */
const TASK = {
  id: true,
  phaseId: true,
  number: true,
  key: true,
  title: true,
  status: true,
  effect: true,
  announcedAt: true,
  verified: true,
  commitSha: true,
  startedAt: true,
  completedAt: true,
  note: true,
} as const satisfies Prisma.PlanTaskSelect;

type PlanRow = Prisma.PlanGetPayload<{ include: { repository: true } }>;
type PhaseRow = Prisma.PhaseGetPayload<object>;
type AttemptRow = Prisma.TaskAttemptGetPayload<{ select: (typeof TASK_VIEW)['attempts']['select'] }>;
interface TaskRow extends Omit<Prisma.PlanTaskGetPayload<{ select: typeof TASK }>, 'phaseId'> {
  readonly dependencies: readonly { readonly dependsOn: { readonly number: number } }[];
  readonly attempts: readonly AttemptRow[];
  /** Undefined: the task came between two reads; the next one has it. */
  readonly hold: TaskHold | undefined;
}

const NO_HOLD: TaskHold = {
  executorKind: 'command',
  assignedTo: null,
  waitsUntil: null,
  waitsFor: null,
  claimedBy: null,
  review: null,
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
  constructor(private readonly db: Database) {}

  /**
   * A plan whole. Each table is read flat, by the plan, and put together here: for a thousand tasks that takes a third
   * of what nested reads take.
   */
  async plan(id: string): Promise<PlanView | null> {
    const planId = id;
    const [row, phases, tasks, edges, attempts, runs, holds] = await Promise.all([
      this.db.plan.findUnique({ where: { id }, include: { repository: true } }),
      this.db.phase.findMany({ where: { planId }, orderBy: { position: 'asc' } }),
      this.db.planTask.findMany({
        where: { planId },
        orderBy: [{ place: 'asc' }, { number: 'asc' }],
        select: TASK,
      }),
      this.edges(planId),
      this.db.taskAttempt.findMany({
        where: { planId },
        orderBy: { number: 'asc' },
        select: { taskId: true, ...ATTEMPT },
      }),
      this.db.verificationRun.findMany({
        where: { planId, verdict: { not: { equals: null } } },
        orderBy: { createdAt: 'desc' },
        select: { attemptId: true, verdict: true },
      }),
      taskHolds(this.db, planId),
    ]);
    if (row === null) return null;
    const [edgesOf, attemptsOf, runsOf, tasksOf] = [
      groupBy(edges, (edge) => edge.taskId),
      groupBy(attempts, (attempt) => attempt.taskId),
      groupBy(runs, (run) => run.attemptId),
      groupBy(tasks, (task) => task.phaseId),
    ];
    const numberOf = new Map(tasks.map((task) => [task.id, task.number]));
    const taskViews = (phaseId: string) =>
      (tasksOf.get(phaseId) ?? []).map((task) =>
        toTaskView({
          ...task,
          hold: holds.get(task.id),
          dependencies: (edgesOf.get(task.id) ?? []).map(({ dependsOnId }) => ({
            dependsOn: { number: numberOf.get(dependsOnId) ?? 0 },
          })),
          attempts: (attemptsOf.get(task.id) ?? []).map((attempt) => ({
            ...attempt,
            runs: (runsOf.get(attempt.id) ?? []).slice(0, 1),
          })),
        }),
      );
    return { ...toPlanHead(row), phases: phases.map((phase) => toPhaseView(phase, taskViews(phase.id))) };
  }

  /** The array keeps Postgres on the index of edges, also before it has statistics of a new plan. */
  private edges(planId: string): Promise<{ taskId: string; dependsOnId: string }[]> {
    return this.db.$queryRaw`
      SELECT task_id AS "taskId", depends_on_id AS "dependsOnId" FROM task_dependencies
      WHERE kind = 'explicit' AND task_id = ANY (ARRAY(SELECT id FROM plan_tasks WHERE plan_id = ${planId}::uuid))`;
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
    const items = rows.slice(0, limit).map((row) => toPlanHead(row));
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

  /** Every generation, review and edit of a plan, in order. */
  async iterations(planId: string) {
    const rows = await this.db.planIteration.findMany({
      where: { planId },
      orderBy: { number: 'asc' },
      include: { actor: { select: { name: true } } },
    });
    return rows.map((row) => ({
      number: row.number,
      kind: row.kind,
      actor: row.actor.name,
      summary: row.summary,
      changes: row.changes as unknown[],
      createdAt: row.createdAt.toISOString(),
    }));
  }

  /** Events of a plan above a sequence number, in order. */
  async events(planId: string, after: number, limit: number): Promise<PlanEventView[]> {
    const rows = await this.db.planEvent.findMany({
      where: { planId, seq: { gt: after } },
      orderBy: { seq: 'asc' },
      take: limit,
      include: { actor: { select: { name: true } } },
    });
    return rows.map((row) => ({
      seq: row.seq,
      type: row.type,
      at: row.at.toISOString(),
      actor: row.actor.name,
      payload: row.payload as Record<string, unknown>,
    }));
  }
}

function toPlanHead(row: PlanRow): Omit<PlanView, 'phases'> {
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
    archive: toArchiveView(row.archive),
    warnings: row.warnings as string[],
    revision: row.revision,
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
    eventSeq: row.eventSeq,
  };
}

function toPhaseView(row: PhaseRow, tasks: TaskView[]): PhaseView {
  return {
    id: row.id,
    position: row.position,
    name: row.name,
    description: row.description,
    mode: row.mode as PhaseView['mode'],
    approval: row.approval as PhaseView['approval'],
    atEnd: row.atEnd as PhaseView['atEnd'],
    concurrency: row.concurrency,
    status: row.status as PhaseView['status'],
    successCriteria: row.successCriteria as string[],
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
    tasks,
  };
}

export function toTaskView(row: TaskRow): TaskView {
  return {
    id: row.id,
    number: row.number,
    key: row.key,
    title: row.title,
    status: row.status as TaskView['status'],
    effect: row.effect as TaskView['effect'],
    dependsOn: row.dependencies.map((edge) => edge.dependsOn.number).sort((a, b) => a - b),
    awaitsClaim: row.status === 'ready' && row.announcedAt !== null,
    verified: row.verified,
    commit: row.commitSha,
    startedAt: iso(row.startedAt),
    completedAt: iso(row.completedAt),
    ...(row.hold ?? NO_HOLD),
    note: row.note,
    attempts: row.attempts.map(toAttemptView),
  };
}

function toAttemptView(row: AttemptRow): AttemptView {
  const verdict = row.runs[0]?.verdict as Verdict | null | undefined;
  return {
    number: row.number,
    jobs: `/jobs/of/${row.id}`,
    status: row.status as AttemptView['status'],
    failure: row.failure as AttemptView['failure'],
    message: row.message,
    result: row.result,
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
    verdict: verdict
      ? {
          outcome: verdict.outcome,
          summary: verdict.summary,
          violations: verdict.violations.map((violation) => ({ ...violation })),
        }
      : null,
  };
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
