import { z } from 'zod';
import { usdAmount } from '#contracts/plan/budget-file.js';
import type { Limits } from '#domain/cost/budget.js';
import { toMicros } from '#domain/cost/money.js';

const usd = z
  .string()
  .regex(/^\d{1,7}(\.\d{1,6})?$/, 'must be an amount in USD, such as 5.00')
  .transform(Number)
  .pipe(usdAmount)
  .transform(toMicros)
  .optional();

/** How the environment names what model calls may cost. */
export const budgetVariables = {
  /** All plans together, on one day in UTC. */
  PLANWRIGHT_BUDGET_DAY: usd,
  PLANWRIGHT_BUDGET_PLAN: usd,
  /** One attempt, or one generation or review. */
  PLANWRIGHT_BUDGET_ATTEMPT: usd,
  PLANWRIGHT_PRICES: z.string().startsWith('/', 'must be an absolute path').optional(),
};

type BudgetVariables = z.output<z.ZodObject<typeof budgetVariables>>;

/** The settings behind variables that were read. */
export function budgetSettings(data: BudgetVariables): {
  readonly budgets: Limits;
  readonly prices: string | null;
} {
  const {
    PLANWRIGHT_BUDGET_ATTEMPT: attempt = null,
    PLANWRIGHT_BUDGET_PLAN: plan = null,
    PLANWRIGHT_BUDGET_DAY: day = null,
  } = data;
  return { budgets: { attempt, plan, day }, prices: data.PLANWRIGHT_PRICES ?? null };
}
