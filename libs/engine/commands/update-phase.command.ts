import { updatePhase as withChanges, type PhaseFields } from '#domain/plan/draft.js';
import { defaultApproval } from '#domain/plan/phase.machine.js';
import type { EngineDeps } from '../deps.js';
import { defined } from './defined.js';
import { editPlan, type EditCommand } from './edit-plan.js';

export type PhaseChanges = { readonly [K in keyof PhaseFields]?: PhaseFields[K] | undefined } & {
  readonly position?: number | undefined;
};

/** Changes or moves a phase. A new mode brings its approvals along, unless the request says which. */
export function updatePhase(
  deps: EngineDeps,
  command: EditCommand & { readonly phaseId: string; readonly changes: PhaseChanges },
): Promise<void> {
  const { position, ...fields } = command.changes;
  return editPlan(deps, command, 'Phase changed', (draft) =>
    withChanges(draft, command.phaseId, withApproval(defined(fields)), position),
  );
}

function withApproval(fields: PhaseFields): PhaseFields {
  const { mode, approval } = fields;
  return mode === undefined || approval !== undefined
    ? fields
    : { ...fields, approval: defaultApproval(mode) };
}
