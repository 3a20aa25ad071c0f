import { z } from 'zod';
import { isWholeMicros, MAX_USD } from '#domain/cost/money.js';

/** An amount of money that may be spent. */
export const usdAmount = z
  .number('must be an amount in USD, such as 5.00')
  .min(0)
  .max(MAX_USD)
  .refine(isWholeMicros, 'must have at most six decimal places');

/** What calls of models may cost, in USD: those of the plan, and those of each attempt. Absent: as configured. */
export const budgetFileSchema = z.strictObject({ plan: usdAmount.optional(), attempt: usdAmount.optional() });
