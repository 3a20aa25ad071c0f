import type { Draft } from '#domain/plan/draft.js';
import type { EngineDeps } from '../deps.js';
import { defined } from './defined.js';
import { editPlan, type EditCommand } from './edit-plan.js';

export type PlanChanges = { readonly [K in Exclude<keyof Draft, 'phases'>]?: Draft[K] | undefined };

/** Changes what a plan says about itself. */
export function updatePlan(
  deps: EngineDeps,
  command: EditCommand & { readonly changes: PlanChanges },
): Promise<void> {
  return editPlan(deps, command, 'Plan changed', (draft) => ({ ...draft, ...defined(command.changes) }));
}
