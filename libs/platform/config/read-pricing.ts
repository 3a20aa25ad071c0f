import { z } from 'zod';
import type { PriceTable } from '#domain/cost/prices.js';
import { budgetVariables } from './budget-settings.js';
import { modelSettings, modelVariables } from './model-settings.js';
import { readPrices } from './read-prices.js';

const schema = z.object({ ...modelVariables, PLANWRIGHT_PRICES: budgetVariables.PLANWRIGHT_PRICES });

/** Prices, and the model of executors that name none, for programs that are no service. @throws Error that names what is wrong */
export async function readPricing(
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly prices: PriceTable; readonly model: string }> {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The environment is wrong:\n${lines.join('\n')}`);
  }
  const prices = await readPrices(parsed.data.PLANWRIGHT_PRICES ?? null);
  return { prices, model: modelSettings(parsed.data).models.executor };
}
