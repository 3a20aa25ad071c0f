import type { PlanBudget } from '#domain/cost/budget.js';
import type { Draft } from '#domain/plan/draft.js';
import type { EngineDeps } from '../deps.js';
import { defined } from './defined.js';
import { editPlan, type EditCommand } from './edit-plan.js';

export type PlanChanges = {
  readonly [K in Exclude<keyof Draft, 'phases' | 'budget'>]?: Draft[K] | undefined;
} & {
  /** Limits that are absent stay; one that is null, or all of them, is as configured from now on. */
  readonly budget?:
    | { readonly plan?: number | null | undefined; readonly attempt?: number | null | undefined }
    | null
    | undefined;
};

/** Changes what a plan says about itself. */
export function updatePlan(
  deps: EngineDeps,
  command: EditCommand & { readonly changes: PlanChanges },
): Promise<void> {
  const { budget, ...changes } = command.changes;
  return editPlan(deps, command, 'Plan changed', (draft) => ({
    ...draft,
    ...defined(changes),
    ...(budget === undefined ? {} : { budget: budgetAfter(draft.budget, budget) }),
  }));
}

function budgetAfter(before: PlanBudget | null, changes: PlanChanges['budget']): PlanBudget | null {
  if (changes === null || changes === undefined) return null;
  const limits = Object.entries({ ...before, ...defined(changes) }).filter(([, usd]) => usd !== null);
  return limits.length === 0 ? null : Object.fromEntries(limits);
}
