import { largestOutput, worstCase, type PlannedCall } from './call-cost.js';
import { formatUsd, toMicros, type Micros } from './money.js';
import type { Price } from './prices.js';

/** What is limited: one go of a model (an attempt or an iteration), a plan, and all plans of a day. */
export const BUDGET_SCOPES = ['attempt', 'plan', 'day'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

/** What a plan says of its own and of each attempt's budget, in USD; an absent key: as configured. */
export interface PlanBudget {
  readonly plan?: number | undefined;
  readonly attempt?: number | undefined;
}

/** An amount for each scope; null: no limit. */
export type Limits = { readonly [S in BudgetScope]: Micros | null };
/** What is settled and what is set aside. */
export type Spent = { readonly [S in BudgetScope]: Micros };

/** Less output than this is not worth a call, unless no more was asked for. */
export const LEAST_OUTPUT = 1_024;

/** A limit that the next call would cross. */
export interface Exceeded {
  readonly scope: BudgetScope;
  readonly limit: Micros;
  readonly spent: Micros;
  /** What the least that is worth calling for could cost. */
  readonly needed: Micros;
}

export type ReservationDecision =
  | { readonly kind: 'reserve'; readonly maxOutputTokens: number; readonly micros: Micros }
  | { readonly kind: 'exceeded'; readonly exceeded: Exceeded };

/** The limits of a plan: its own, or else those that are configured. The day's is for all plans. */
export function limitsOf(budget: PlanBudget | null, configured: Limits): Limits {
  return {
    attempt: budget?.attempt === undefined ? configured.attempt : toMicros(budget.attempt),
    plan: budget?.plan === undefined ? configured.plan : toMicros(budget.plan),
    day: configured.day,
  };
}

/** Sets aside the most that a call can cost; its output is cut to what every limit leaves room for. */
export function decideReservation(
  price: Price,
  call: PlannedCall,
  limits: Limits,
  spent: Spent,
): ReservationDecision {
  const tightest = tightestLimit(limits, spent);
  if (tightest === null) return reserve(price, call, call.maxOutputTokens);
  const { scope, limit, left } = tightest;
  const fits = largestOutput(price, call, left);
  const least = Math.min(call.maxOutputTokens, LEAST_OUTPUT);
  if (fits >= least) return reserve(price, call, fits);
  const needed = worstCase(price, { ...call, maxOutputTokens: least });
  return { kind: 'exceeded', exceeded: { scope, limit, spent: spent[scope], needed } };
}

/** What every limit leaves; null: there is none. */
export function leftOf(limits: Limits, spent: Spent): Micros | null {
  return tightestLimit(limits, spent)?.left ?? null;
}

/** The limit that leaves the least; the narrowest scope where several do. */
export function tightestLimit(
  limits: Limits,
  spent: Spent,
): { readonly scope: BudgetScope; readonly limit: Micros; readonly left: Micros } | null {
  const all = BUDGET_SCOPES.flatMap((scope) => {
    const limit = limits[scope];
    return limit === null ? [] : [{ scope, limit, left: Math.max(0, limit - spent[scope]) }];
  });
  return all.reduce<(typeof all)[number] | null>(
    (least, next) => (least === null || next.left < least.left ? next : least),
    null,
  );
}

function reserve(price: Price, call: PlannedCall, maxOutputTokens: number): ReservationDecision {
  return { kind: 'reserve', maxOutputTokens, micros: worstCase(price, { ...call, maxOutputTokens }) };
}

/** Where a plan stopped for want of money. */
export interface BudgetStop extends Exceeded {
  /** Of the plan then: an edit since is a new try. */
  readonly revision: number;
}

/**
 * Whether a plan that stopped for want of money would stop again at once.
 *
 * @param limits as they are now
 */
export function stopsAgain(stop: BudgetStop, limits: Limits, spent: Spent, revision: number): boolean {
  const limit = limits[stop.scope];
  if (limit === null) return false;
  // A new attempt begins at nothing, and comes to the same end.
  if (stop.scope === 'attempt') return limit <= stop.limit && revision === stop.revision;
  return spent[stop.scope] + stop.needed > limit;
}

/** A sentence: the limit, what is spent, and how to raise it. */
export function exceededSentence(planNumber: number, exceeded: Exceeded): string {
  const { scope, limit, spent, needed } = exceeded;
  const next = spent < limit ? `, and the next call could cost ${formatUsd(needed)}` : '';
  return `${WHOSE[scope]} budget of ${formatUsd(limit)} is used up: ${formatUsd(spent)} of it is spent or set aside${next}. ${raiseRemedy(planNumber, exceeded)}`;
}

const WHOSE: { readonly [S in BudgetScope]: string } = {
  attempt: "The attempt's",
  plan: "The plan's",
  day: "Today's",
};

function raiseRemedy(planNumber: number, { scope, limit, spent, needed }: Exceeded): string {
  if (scope === 'day')
    return 'Wait until 00:00 UTC, or set PLANWRIGHT_BUDGET_DAY higher and start Planwright again; then resume the plan.';
  const option = scope === 'plan' ? '--budget' : '--attempt-budget';
  return `Raise it with: planwright update-plan ${planNumber} ${option} ${suggestion(limit, spent + needed)}, then: planwright resume ${planNumber}`;
}

/** Twice the limit, or what is needed where that is more, in whole dollars from one on. */
function suggestion(limit: Micros, needed: Micros): string {
  const usd = Math.max(limit * 2, needed) / 1_000_000;
  return usd >= 1
    ? String(Math.ceil(usd))
    : usd.toFixed(2) === '0.00'
      ? '0.01'
      : (Math.ceil(usd * 100) / 100).toFixed(2);
}
