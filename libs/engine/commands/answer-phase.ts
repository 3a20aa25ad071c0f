import { DomainError } from '#domain/domain-error.js';
import { decideApprovePhase, decideRejectPhase, type PhaseSlice } from '#domain/plan/decisions/phase-end.js';
import type { EngineDeps } from '../deps.js';
import type { PlanTx } from '../ports/store.port.js';
import { decideOnPlan } from './on-known-plan.js';

interface PhaseCommand {
  readonly planId: string;
  readonly phaseId: string;
  readonly actorId: string;
}

/** A reviewer lets the next phase start. @throws DomainError `not_found`, or `conflict` naming the state */
export function approvePhase(deps: EngineDeps, command: PhaseCommand): Promise<void> {
  return decideOnPlan(deps, command, async (tx) =>
    decideApprovePhase(await requirePhase(tx, command.phaseId), (await tx.failedTasks()).length > 0),
  );
}

/** A reviewer does not; the plan pauses. @throws DomainError `not_found`, or `conflict` naming the state */
export function rejectPhase(
  deps: EngineDeps,
  command: PhaseCommand & { readonly note: string },
): Promise<void> {
  return decideOnPlan(deps, command, async (tx) =>
    decideRejectPhase(await requirePhase(tx, command.phaseId), await tx.queued(), command.note),
  );
}

async function requirePhase(tx: PlanTx, phaseId: string): Promise<PhaseSlice> {
  const found = await tx.phase(phaseId);
  if (found === null) throw new DomainError('not_found', `Plan ${tx.plan.number} has no phase ${phaseId}.`);
  return { plan: tx.plan, ...found };
}
