import type { CostView } from '#contracts/api/spend.js';
import { toUsd } from '#domain/cost/money.js';
import type { SqlTx } from '../sql.js';

/** Sums of calls, with whole micro-dollars, so that sums of them are exact. */
export interface CostRow extends Omit<CostView, 'usd'> {
  readonly micros: number;
}

/** What was spent, by the id of the attempt, the iteration or the plan. */
export type Costs = ReadonlyMap<string, CostRow>;

/** The columns of a table of sums, `s`. */
export const COST_COLUMNS = `
  s.micros::float8 AS micros, s.input_tokens::float8 AS "inputTokens", s.output_tokens::float8 AS "outputTokens",
  s.cache_read_tokens::float8 AS "cacheReadTokens", s.cache_write_tokens::float8 AS "cacheWriteTokens", s.calls`;

const OF_PLAN = `SELECT s.subject, ${COST_COLUMNS} FROM spend_totals s WHERE s.plan_id = $1 AND s.calls > 0`;
const OF_PLANS = `SELECT s.subject, ${COST_COLUMNS} FROM spend_totals s WHERE s.subject = ANY($1::uuid[]) AND s.calls > 0`;
const OF_TASK = `
  SELECT s.subject, ${COST_COLUMNS}
    FROM task_attempts a JOIN spend_totals s ON s.subject = a.id WHERE a.task_id = $1 AND s.calls > 0`;

/** What was spent on a plan and all of its attempts and iterations, on the attempts of a task, or on plans whole. */
export async function readCosts(
  tx: Pick<SqlTx, 'rows'>,
  of: { readonly planId: string } | { readonly taskId: string } | { readonly planIds: readonly string[] },
): Promise<Costs> {
  const rows =
    'planId' in of
      ? await tx.rows<CostRow & { subject: string }>(OF_PLAN, [of.planId])
      : 'taskId' in of
        ? await tx.rows<CostRow & { subject: string }>(OF_TASK, [of.taskId])
        : await tx.rows<CostRow & { subject: string }>(OF_PLANS, [of.planIds]);
  return new Map(rows.map(({ subject, ...row }) => [subject, row]));
}

/** The member that a view has where something was spent. */
export function costMember(rows: readonly (CostRow | undefined)[]): { readonly cost?: CostView } {
  const spent = rows.flatMap((row) => row ?? []);
  return spent.length === 0 ? {} : { cost: toCostView(spent) };
}

export function toCostView(rows: readonly CostRow[]): CostView {
  const sum = (key: keyof CostRow) => rows.reduce((total, row) => total + row[key], 0);
  return {
    usd: toUsd(sum('micros')),
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    cacheReadTokens: sum('cacheReadTokens'),
    cacheWriteTokens: sum('cacheWriteTokens'),
    calls: sum('calls'),
  };
}
