import {
  decideRewindRefused,
  decideRewound,
  type KeptCandidate,
  type OpenRewind,
} from '#domain/plan/decisions/rewind.js';
import type { PlanState } from '#domain/plan/state.js';
import { planRewind, type KeptTask, type Rewind } from '#domain/snapshot/rewind-plan.js';
import type { OriginDeps } from '../deps.js';
import type { PlanTx } from '../ports/store.port.js';
import { onPlan } from '../unit-of-work.js';
import { taskCommitMessage } from './commit-message.js';

interface Order {
  readonly plan: PlanState;
  readonly asked: OpenRewind;
  readonly rewind: Rewind;
  /** Of the commits that are kept: the database's clock. */
  readonly at: Date;
}

/**
 * Brings a plan that is being rewound to its end: moves fence and branch, then the rows in one transaction. Any number of
 * these may run side by side, and again after a crash.
 *
 * @throws when the hub cannot be reached: it is tried again
 */
export async function finishRewind(deps: OriginDeps, planId: string): Promise<void> {
  const order = await onPlan(deps, planId, load);
  if (order === null) return;
  const { plan, asked, rewind } = order;
  const push = await deps.git.rewindPlanBranch({
    repositoryId: plan.repositoryId,
    planId,
    branch: plan.branch,
    lineage: asked.lineage,
    from: asked.from,
    to: asked.to,
    fenceValue: `rewound-${asked.lineage}`,
  });
  if (push.kind === 'refused') {
    await onOwn(deps, order, (tx) =>
      tx.apply(decideRewindRefused(tx.plan, asked, push.reason), asked.actorId),
    );
    return;
  }
  deps.reach('rewind.pushed');
  const candidates: KeptCandidate[] = [];
  for (const kept of rewind.kept) candidates.push(...(await bringAlong(deps, order, kept)));
  await onOwn(deps, order, async (tx, current) => {
    const state = { ...current, open: await tx.openWork() };
    await tx.apply(decideRewound(state, candidates, deps.ids.next()), asked.actorId);
  });
}

/** Nothing else touches a plan that is being rewound: what was decided when it began is what there is to do. */
async function load(tx: PlanTx): Promise<Order | null> {
  const asked = tx.plan.status === 'rewinding' ? await tx.openRewind() : null;
  if (asked === null) return null;
  const { target: name, to: commit, toSeq: seq, keepIndependent } = asked;
  const rewind = planRewind(await tx.rewindState(), { name, commit, seq }, keepIndependent);
  return { plan: tx.plan, asked, rewind, at: tx.now };
}

async function onOwn(
  deps: OriginDeps,
  { plan, asked }: Order,
  work: (tx: PlanTx, current: Order) => Promise<void>,
): Promise<void> {
  await onPlan(deps, plan.id, async (tx) => {
    const current = await load(tx);
    if (current?.asked.id === asked.id) await work(tx, current);
  });
}

/** A commit that left the branch, on the tip that is there now; none where it does not merge, or is there already. */
async function bringAlong(
  deps: OriginDeps,
  { plan, asked, at }: Order,
  { task, landing }: KeptTask,
): Promise<KeptCandidate[]> {
  const { repositoryId } = plan;
  const message = taskCommitMessage({
    planNumber: plan.number,
    planName: plan.name,
    taskNumber: task.number,
    title: task.title,
    attempt: task.attemptCount + 1,
    at,
  });
  const rebased = await deps.git.rebase({ repositoryId, candidate: landing.commit, onto: asked.to, message });
  if (rebased.kind === 'conflict' || rebased.commit === asked.to) return [];
  const { commit } = rebased;
  const attemptId = deps.ids.next();
  await deps.git.pushNew({ repositoryId, commit, ref: `refs/planwright/candidates/${attemptId}-0` });
  return [{ taskId: task.id, attemptId, runId: deps.ids.next(), commit }];
}
