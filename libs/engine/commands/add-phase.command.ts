import { addPhase as withPhase, type PhaseFields } from '#domain/plan/draft.js';
import { defaultApproval, type PhaseApproval } from '#domain/plan/phase.machine.js';
import type { EngineDeps } from '../deps.js';
import { editPlan, type EditCommand } from './edit-plan.js';

export type NewPhaseInput = Omit<Required<PhaseFields>, 'approval'> & {
  /** By default what its mode asks for. */
  readonly approval?: PhaseApproval | undefined;
  readonly position?: number | undefined;
};

/** Adds a phase without tasks. @returns its id */
export async function addPhase(
  deps: EngineDeps,
  command: EditCommand & { readonly phase: NewPhaseInput },
): Promise<{ readonly planId: string; readonly phaseId: string }> {
  const { position, ...fields } = command.phase;
  const approval = fields.approval ?? defaultApproval(fields.mode);
  const id = deps.ids.next();
  await editPlan(deps, command, `Phase "${fields.name}" added`, (draft) =>
    withPhase(draft, { id, ...fields, approval, tasks: [] }, position),
  );
  return { planId: command.planId, phaseId: id };
}
