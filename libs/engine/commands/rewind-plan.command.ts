import { DomainError } from '#domain/domain-error.js';
import { refuseWhileDelivered } from '#domain/plan/decisions/deliver.js';
import { decideRewinding, requireRewindable } from '#domain/plan/decisions/rewind.js';
import type { PlanState } from '#domain/plan/state.js';
import { planRewind, type Rewind } from '#domain/snapshot/rewind-plan.js';
import { resolveTarget } from '#domain/snapshot/rewind-target.js';
import { canonicalHash } from '../canonical.js';
import type { OriginDeps } from '../deps.js';
import type { FileDiff } from '../ports/git.port.js';
import type { PlanTx } from '../ports/store.port.js';
import { onPlan } from '../unit-of-work.js';
import { finishRewind } from '../work/finish-rewind.js';

export interface RewindQuestion {
  readonly planId: string;
  /** See `resolveTarget`. */
  readonly to: string;
  /** What landed after the target and does not depend on what is undone is integrated again afterwards. */
  readonly keepIndependent: boolean;
}

export interface RewindPreview {
  readonly plan: PlanState;
  readonly rewind: Rewind;
  /** What going back does: the command names it, and is refused where it would do something else by then. */
  readonly hash: string;
  /** What changes in the tree of the branch. */
  readonly files: readonly FileDiff[];
}

/**
 * What a rewind would do. Nothing is changed.
 *
 * @throws DomainError `not_found`, or `conflict` naming the state
 */
export async function previewRewind(deps: OriginDeps, question: RewindQuestion): Promise<RewindPreview> {
  const found = await onPlan(deps, question.planId, async (tx) => {
    requireRewindable(tx.plan);
    const rewind = await load(tx, question);
    return { plan: tx.plan, rewind, hash: hashOf(tx.plan, rewind, question.keepIndependent) };
  });
  if (found === null) throw noPlan(question.planId);
  const { repositoryId } = found.plan;
  const { from, target } = found.rewind;
  const files = from === target.commit ? [] : await deps.git.diff({ repositoryId, from, to: target.commit });
  return { ...found, files };
}

/**
 * Takes a plan back. Where the hub cannot be reached the plan stays `rewinding`, and the reconciler ends it.
 *
 * @param command.preview the hash of the preview that the person agreed to
 * @throws DomainError `not_found`, or `conflict` naming the state, or that the preview is not true any more
 */
export async function rewindPlan(
  deps: OriginDeps,
  command: RewindQuestion & { readonly preview: string; readonly actorId: string },
): Promise<void> {
  const { planId, preview, keepIndependent, actorId } = command;
  const done = await onPlan(deps, planId, async (tx) => {
    requireRewindable(tx.plan);
    refuseWhileDelivered(tx.plan, await tx.openDelivery());
    const rewind = await load(tx, command);
    const { number } = tx.plan;
    if (hashOf(tx.plan, rewind, keepIndependent) !== preview) {
      throw new DomainError('conflict', `Rewinding plan ${number} would do something else by now.`, {
        remedy: `Look at it again: planwright rewind ${number} --to ${command.to}`,
      });
    }
    await tx.apply(decideRewinding(tx.plan, rewind, keepIndependent, deps.ids.next()), actorId);
    return true;
  });
  if (done === null) throw noPlan(planId);
  try {
    await finishRewind(deps, planId);
  } catch (error) {
    deps.log.warn({ err: error, planId }, 'a plan could not be rewound at once; the reconciler goes on');
  }
}

async function load(tx: PlanTx, { to, keepIndependent }: RewindQuestion): Promise<Rewind> {
  const state = await tx.rewindState();
  return planRewind(state, resolveTarget(state, to), keepIndependent);
}

function hashOf(plan: PlanState, rewind: Rewind, keepIndependent: boolean): string {
  const { target, from, dropped, regained, reset, restored, kept, phases } = rewind;
  return canonicalHash({
    plan: plan.id,
    epoch: plan.epoch,
    keepIndependent,
    target: target.seq,
    from,
    to: target.commit,
    dropped: dropped.map(({ commit }) => commit),
    regained: regained.map(({ commit }) => commit),
    reset: reset.map(({ id, status, attemptCount }) => [id, status, attemptCount]),
    restored: restored.map(({ task, done }) => [task.id, done.commit]),
    kept: kept.map(({ task }) => task.id),
    phases: phases.map(({ phase, to }) => [phase.id, to]),
  });
}

function noPlan(planId: string): DomainError {
  return new DomainError('not_found', `There is no plan ${planId}.`);
}
