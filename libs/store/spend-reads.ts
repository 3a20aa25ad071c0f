import {
  exceededSentence,
  limitsOf,
  stopsAgain,
  type BudgetStop,
  type Limits,
  type PlanBudget,
  type Spent,
} from '#domain/cost/budget.js';
import type { SqlTx } from './sql.js';

/** The day by the database's clock, wherever its server stands. */
export const TODAY = `(clock_timestamp() AT TIME ZONE 'UTC')::date`;

const SPENT = `
  SELECT coalesce((SELECT micros FROM spend_totals WHERE subject = $2), 0)::float8 AS attempt,
         coalesce((SELECT micros FROM spend_totals WHERE subject = $1), 0)::float8 AS plan,
         coalesce((SELECT micros FROM spend_days WHERE day = coalesce($3::date, ${TODAY})), 0)::float8 AS day`;

/**
 * What is settled and set aside: of an attempt or iteration, of its plan, and of all plans of a day.
 *
 * @param day null: today
 */
export async function readSpent(
  tx: Pick<SqlTx, 'rows'>,
  planId: string,
  subject: string | null,
  day: string | null,
): Promise<Spent> {
  const [spent] = await tx.rows<Spent>(SPENT, [planId, subject, day]);
  if (spent === undefined) throw new Error('the database gave no sums');
  return spent;
}

const STOP = `
  SELECT number, budget, budget_stop AS stop, revision, pause_reason AS "pauseReason" FROM plans WHERE id = $1`;

/** See `PlanTx.overBudget`. */
export async function overBudget(tx: SqlTx, planId: string, configured: Limits): Promise<string | null> {
  const [[plan], spent] = await Promise.all([
    tx.rows<{
      number: number;
      budget: PlanBudget | null;
      stop: BudgetStop | null;
      revision: number;
      pauseReason: string | null;
    }>(STOP, [planId]),
    readSpent(tx, planId, null, null),
  ]);
  if (plan === undefined || plan.stop === null || plan.pauseReason !== 'budget') return null;
  const { number, budget, stop, revision } = plan;
  const limits = limitsOf(budget, configured);
  if (!stopsAgain(stop, limits, spent, revision)) return null;
  const { scope } = stop;
  const limit = limits[scope] ?? stop.limit;
  return exceededSentence(number, { ...stop, limit, spent: scope === 'attempt' ? stop.spent : spent[scope] });
}
