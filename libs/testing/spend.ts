import type { Limits } from '#domain/cost/budget.js';
import { DEFAULT_PRICES } from '#domain/cost/default-prices.js';
import { systemIds } from '#platform/runtime/system-ids.js';
import { PostgresSpend } from '#store/spend.js';
import { NO_LIMITS, type StoreHarness } from './engine-harness.js';

/** Spending on the database of a test, at the prices that are shipped. */
export function spendOn(stores: Pick<StoreHarness, 'sql'>, limits: Partial<Limits> = {}): PostgresSpend {
  return new PostgresSpend(stores.sql, {
    ids: systemIds,
    prices: DEFAULT_PRICES,
    limits: { ...NO_LIMITS, ...limits },
  });
}
