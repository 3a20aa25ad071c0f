import { DomainError } from '#domain/domain-error.js';
import { draftChanges, edgeChanges, edgesOf, type Draft } from '#domain/plan/draft.js';
import { checkEditable, checkPlanEditable, type EditState } from '#domain/plan/editable.js';
import { DecisionBuilder } from '#domain/plan/decision.js';
import type { EngineDeps } from '../deps.js';
import type { PlanTx } from '../ports/store.port.js';
import { checkEffects } from '../executors.js';
import { checkProfiles, newlyNamed } from './check-profiles.js';
import { checkSupersedes } from './check-supersedes.js';
import { onPlan } from '../unit-of-work.js';
import { lookAtBase } from './look-at-base.js';

/** What every edit names. */
export interface EditCommand {
  readonly planId: string;
  readonly actorId: string;
  /** The revision the person looked at; absent: whatever is there. */
  readonly expectedRevision?: number | undefined;
}

/**
 * Edits a plan: as a whole, in one transaction, as one iteration. What has begun or ended is pinned; in a plan that runs,
 * what the edit made ready starts, and a phase that it left without an open task ends.
 *
 * @param edit gives the new structure from the present one; `number` is free for a new task
 * @throws DomainError `not_found`, `conflict` naming what is pinned and its state, `precondition_failed`, or `invalid` with places
 */
export async function editPlan(
  deps: EngineDeps,
  command: EditCommand,
  summary: string,
  edit: (draft: Draft, nextTaskNumber: number) => Draft,
): Promise<void> {
  const { planId, actorId, expectedRevision } = command;
  const done = await onPlan(deps, planId, async (tx) => {
    const { plan } = tx;
    const { draft: before, revision, nextTaskNumber, state } = await tx.draft();
    checkPlanEditable(state);
    checkRevision(plan, revision, expectedRevision);
    const after = edit(before, nextTaskNumber);
    checkEdit(before, after, state);
    await checkProfiles(newlyNamed(before, after), () => tx.profiles());
    await saveEdit(deps, tx, { before, after, summary, actorId });
    return true;
  });
  if (done === null) throw new DomainError('not_found', `There is no plan ${planId}.`);
}

/** @throws DomainError `precondition_failed` when an edit was based on another revision */
export function checkRevision(
  { number }: { readonly number: number },
  revision: number,
  expected: number | undefined,
): void {
  if (expected === undefined || expected === revision) return;
  throw new DomainError(
    'precondition_failed',
    `Plan ${number} is at revision ${revision}, not ${expected}.`,
    {
      remedy: 'Read it again and repeat the edit on what it is now.',
    },
  );
}

/**
 * Whether a plan may become what an edit makes of it.
 *
 * @throws DomainError `conflict` naming what is pinned and its state, or `invalid` with places
 */
export function checkEdit(before: Draft, after: Draft, state: EditState): void {
  checkEditable(before, after, state);
  checkEffects(after);
  checkSupersedes(after);
  edgesOf(after);
}

/** Writes an edit that was checked, in one transaction with what else that does. */
export async function saveEdit(
  deps: EngineDeps,
  tx: PlanTx,
  edit: {
    readonly before: Draft;
    readonly after: Draft;
    readonly summary: string;
    readonly actorId: string;
  },
): Promise<void> {
  const { before, after, summary, actorId } = edit;
  const changes = draftChanges(before, after);
  await tx.saveDraft({ ...edit, edges: edgeChanges(before, after), changes });
  const event = { summary, changes: changes.map((change) => change.path) };
  const { status } = tx.plan;
  const builder = new DecisionBuilder(tx.plan).event('plan.edited', event);
  // A draft has nothing to run: with its first task it is a plan like any other.
  if (status === 'draft' && after.phases.some(({ tasks }) => tasks.length > 0)) builder.movePlan('ready');
  await tx.apply(builder.done(), actorId);
  await lookAtBase(deps, tx);
}
