import { deletePhase as withoutPhase } from '#domain/plan/draft.js';
import type { EngineDeps } from '../deps.js';
import { editPlan, type EditCommand } from './edit-plan.js';

/** Deletes a phase with its tasks; refused while others depend on them. */
export function deletePhase(
  deps: EngineDeps,
  command: EditCommand & { readonly phaseId: string },
): Promise<void> {
  return editPlan(deps, command, 'Phase deleted', (draft) => withoutPhase(draft, command.phaseId));
}
