import type { PlanView } from '#contracts/api/plans.js';
import type { CostView } from '#contracts/api/spend.js';

/** `$4.98`; as many places as it takes to show that it is not nothing. */
export function usd(amount: number): string {
  if (amount === 0 || amount >= 0.01) return `$${amount.toFixed(2)}`;
  return `$${amount.toFixed(6).replace(/0+$/, '')}`;
}

/** `12.3k` */
export function tokens(count: number): string {
  if (count < 1_000) return String(count);
  return count < 999_950 ? `${(count / 1_000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

/** What a plan cost, in one line; none where no model was called. */
export function renderCost({ cost, budget }: Pick<PlanView, 'cost' | 'budget'>): string[] {
  if (cost === undefined) return [];
  const limits = [
    ...(budget?.plan === undefined ? [] : [`${usd(budget.plan)} for the plan`]),
    ...(budget?.attempt === undefined ? [] : [`${usd(budget.attempt)} for an attempt`]),
  ];
  const allowed = limits.length === 0 ? '' : `; its budget: ${limits.join(', ')}`;
  return [`Cost ${usd(cost.usd)}: ${usageWords(cost)}${allowed}`];
}

/** `3 calls, 12.0k tokens in (80 % from the cache), 1.2k out` */
export function usageWords(cost: CostView): string {
  const read = cost.inputTokens + cost.cacheWriteTokens + cost.cacheReadTokens;
  const share = read === 0 ? 0 : Math.round((cost.cacheReadTokens / read) * 100);
  const cached = cost.cacheReadTokens === 0 ? '' : ` (${share} % from the cache)`;
  return `${cost.calls} ${cost.calls === 1 ? 'call' : 'calls'}, ${tokens(read)} tokens in${cached}, ${tokens(cost.outputTokens)} out`;
}
