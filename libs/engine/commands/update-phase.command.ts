import { updatePhase as withChanges, type PhaseFields } from '#domain/plan/draft.js';
import type { EngineDeps } from '../deps.js';
import { defined } from './defined.js';
import { editPlan, type EditCommand } from './edit-plan.js';

export type PhaseChanges = { readonly [K in keyof PhaseFields]?: PhaseFields[K] | undefined } & {
  readonly position?: number | undefined;
};

/** Changes or moves a phase. */
export function updatePhase(
  deps: EngineDeps,
  command: EditCommand & { readonly phaseId: string; readonly changes: PhaseChanges },
): Promise<void> {
  const { position, ...fields } = command.changes;
  return editPlan(deps, command, 'Phase changed', (draft) =>
    withChanges(draft, command.phaseId, defined(fields), position),
  );
}
