import type {
  IterationDetail,
  IterationPage,
  IterationView,
  ListIterationsQuery,
} from '#contracts/api/iterations.js';
import { toUsd, type Micros } from '#domain/cost/money.js';
import type { Database } from '../database.js';
import type { Prisma } from '../generated/client.js';
import { decodeCursor, encodeCursor } from './cursor.js';

const SHOWN = { actor: { select: { name: true } } } as const satisfies Prisma.PlanIterationInclude;
const HEAVY = { request: true, result: true, answers: true, rawText: true } as const;

type Row = Omit<Prisma.PlanIterationGetPayload<{ include: typeof SHOWN }>, keyof typeof HEAVY>;

/** The history of plans as wholes. */
export class IterationReader {
  constructor(private readonly db: Database) {}

  /** Every creation, edit, generation and review of a plan, in order. */
  async iterations(planId: string, { limit, cursor }: ListIterationsQuery): Promise<IterationPage> {
    const after = cursor === undefined ? 0 : Number(decodeCursor('iterations', cursor, /^[1-9]\d{0,8}$/));
    const rows = await this.db.planIteration.findMany({
      where: { planId, number: { gt: after } },
      orderBy: { number: 'asc' },
      take: limit + 1,
      omit: HEAVY,
      include: SHOWN,
    });
    const costs = await this.costs(rows.map(({ id }) => id));
    const items = rows.slice(0, limit).map((row) => toView(row, costs.get(row.id) ?? 0));
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { items, nextCursor: last === undefined ? null : encodeCursor('iterations', String(last.number)) };
  }

  async iteration(planId: string, number: number): Promise<IterationDetail | null> {
    const row = await this.db.planIteration.findUnique({
      where: { planId_number: { planId, number } },
      include: SHOWN,
    });
    if (row === null) return null;
    const cost = (await this.costs([row.id])).get(row.id) ?? 0;
    return { ...toView(row, cost), request: row.request, result: row.result, rawText: row.rawText };
  }

  /** What the calls of models cost, by iteration. */
  private async costs(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.db.spendTotal.findMany({ where: { subject: { in: [...ids] } } });
    return new Map(rows.map(({ subject, micros }) => [subject, toUsd(Number(micros) as Micros)]));
  }
}

function toView(row: Row, costUsd: number): IterationView {
  const status = row.status as IterationView['status'];
  // What no model works at is done as it is written.
  const finishedAt = row.finishedAt ?? (status === 'succeeded' ? row.createdAt : null);
  return {
    number: row.number,
    kind: row.kind,
    status,
    summary: row.summary,
    changes: row.changes as unknown[],
    actor: row.actor.name,
    message: row.message,
    model: row.model,
    tokens: {
      input: row.inputTokens,
      output: row.outputTokens,
      cacheWrite: row.cacheWriteTokens,
      cacheRead: row.cacheReadTokens,
    },
    costUsd,
    createdAt: row.createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
