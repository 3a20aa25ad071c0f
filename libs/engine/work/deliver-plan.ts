import {
  decideDelivered,
  decideDeliveryConflict,
  decideDeliveryFailed,
  decideDeliveryJudged,
  decideDeliveryMerged,
  decideTargetMoved,
  type Delivered,
} from '#domain/plan/decisions/deliver.js';
import type { Decision } from '#domain/plan/decision.js';
import type { OpenDelivery } from '#domain/plan/delivery.js';
import {
  deliverySubject,
  deliveryText,
  deliveryTitle,
  verificationLines,
} from '#domain/plan/delivery-text.js';
import { draftChanges, edgeChanges } from '#domain/plan/draft.js';
import type { PlanState } from '#domain/plan/state.js';
import type { OriginDeps } from '../deps.js';
import type { DeliveryFacts, MergeResult, TakenDelivery } from '../ports/delivery.port.js';
import type { PublishResult } from '../ports/git.port.js';
import type { PlanTx } from '../ports/store.port.js';
import { onPlan, unlessFenced } from '../unit-of-work.js';
import { AUTHOR } from './commit-message.js';
import { withConflictTask } from './conflict-task.js';

interface Order {
  readonly delivery: TakenDelivery;
  /** Of the plan, for the branch that this goes to. */
  readonly facts: DeliveryFacts;
}

/**
 * Carries out the next step of a delivery. A step may be repeated, also by another process: what it pushes is told by
 * commits that were recorded before.
 *
 * @throws GitRefusal, ForgeRefusal: it ends here; any other error passes by itself
 */
export async function deliverPlan(deps: OriginDeps, delivery: TakenDelivery): Promise<void> {
  const found = await deps.store.deliveries.deliveryFacts(delivery.planId);
  if (found === null) return;
  const order = { delivery, facts: { ...found, targetBranch: delivery.targetBranch } };
  if (delivery.status === 'preparing') await prepare(deps, order);
  else if (delivery.status === 'verifying') await takeVerdict(deps, order);
  else await bringThere(deps, order);
}

/** Ends a delivery that cannot go on. */
export async function failDelivery(
  deps: OriginDeps,
  delivery: TakenDelivery,
  failed: { readonly message: string; readonly remedy: string },
): Promise<void> {
  await record(deps, delivery, (plan, open) => decideDeliveryFailed(plan, open, failed));
}

/** Decides on what is still this delivery, in this step, and in our hands. */
async function record(
  deps: OriginDeps,
  delivery: TakenDelivery,
  decide: (plan: PlanState, open: OpenDelivery, tx: PlanTx) => Decision | Promise<Decision>,
): Promise<void> {
  await unlessFenced(deps, () =>
    onPlan(deps, delivery.planId, async (tx) => {
      const open = await tx.openDelivery();
      if (open?.id !== delivery.id || open.token !== delivery.token) return;
      await tx.apply(await decide(tx.plan, open, tx), delivery.actorId);
    }),
  );
}

async function prepare(deps: OriginDeps, order: Order): Promise<void> {
  const { delivery, facts } = order;
  const { repositoryId, origin } = facts;
  const { tipCommit: tip, targetBranch: branch } = delivery;
  const git = deps.git.deliveries;
  const target = await git.fetchTarget({ repositoryId, origin, branch });
  const { ahead, behind } = await git.compare({ repositoryId, tip, target });
  if (ahead === 0) {
    const contained = { outcome: 'contained', targetCommit: target } as const;
    return record(deps, delivery, (plan, open) => decideDelivered(plan, open, contained));
  }
  const resolved = await deps.store.deliveries.resolutions(delivery.planId);
  const merged = await git.merge({ repositoryId, tip, target, resolved });
  if (merged.kind === 'conflict') return askForHelp(deps, order, target, merged);
  const isTip = behind === 0 && delivery.way !== 'merge';
  const commit = isTip ? tip : await commitOf(deps, order, target, merged.tree);
  if (!isTip)
    await deps.git.pushNew({
      repositoryId,
      commit,
      ref: `refs/planwright/deliveries/${delivery.id}/${commit}`,
    });
  const isJudged = merged.tree === (await deps.git.treeOf({ repositoryId, commit: tip }));
  const judgement = { id: deps.ids.next(), deliveryId: delivery.id, commit, baseCommit: tip };
  await record(deps, delivery, async (plan, open, tx) => {
    if (!isJudged) await tx.addDeliveryJudgement(judgement);
    return decideDeliveryMerged(plan, open, { targetCommit: target, commit }, isJudged ? null : judgement.id);
  });
}

/** The first parent is the branch that it becomes the tip of. */
function commitOf(
  deps: OriginDeps,
  { delivery, facts }: Order,
  target: string,
  tree: string,
): Promise<string> {
  const { repositoryId, branch, targetBranch } = facts;
  const { tipCommit: tip, createdAt, way } = delivery;
  const verified = ['What tasks proved was verified on this tree before it was pushed.'];
  const message = {
    subject: way === 'merge' ? deliverySubject(facts) : `Merge ${targetBranch} into ${branch}`,
    body: way === 'merge' ? deliveryText(facts, verified) : '',
    author: AUTHOR,
    timestamp: Math.floor(createdAt.getTime() / 1_000),
  };
  const parents = way === 'merge' ? [target, tip] : [tip, target];
  return deps.git.deliveries.commitMerge({ repositoryId, tree, parents, message });
}

/** Adds the task in which the conflict is resolved, and leaves the plan to a person. */
function askForHelp(
  deps: OriginDeps,
  { delivery, facts }: Order,
  commit: string,
  { files, hunks }: Extract<MergeResult, { kind: 'conflict' }>,
): Promise<void> {
  const { number: planNumber, branch } = facts;
  const { targetBranch: target, executor, actorId } = delivery;
  const origin = deps.git.deliveries.shown(facts.origin);
  const conflict = { target, commit, files, hunks, branch, origin, planNumber };
  const [phaseId, taskId] = [deps.ids.next(), deps.ids.next()];
  return record(deps, delivery, async (_plan, open, tx) => {
    const { draft: before, nextTaskNumber: number } = await tx.draft();
    const after = withConflictTask(before, conflict, { phaseId, taskId, number, executor });
    const changes = draftChanges(before, after);
    const summary = `A task added that resolves conflicts with ${target}`;
    await tx.saveDraft({ before, after, edges: edgeChanges(before, after), changes, summary, actorId });
    return decideDeliveryConflict(tx.plan, open, { targetCommit: commit, files, taskNumber: number });
  });
}

async function takeVerdict(deps: OriginDeps, { delivery }: Order): Promise<void> {
  const { verdict, message } = await deps.store.deliveries.deliveryJudgement(delivery.id);
  if (verdict !== null)
    return record(deps, delivery, (plan, open) => decideDeliveryJudged(plan, open, verdict));
  const failed = {
    message: `What is to be delivered could not be verified: ${message ?? 'no reason given'}.`,
    remedy: 'Mend that, then finish again.',
  };
  return failDelivery(deps, delivery, failed);
}

async function bringThere(deps: OriginDeps, order: Order): Promise<void> {
  const { delivery } = order;
  const { commit, targetCommit } = delivery;
  if (commit === null || targetCommit === null) throw new Error(`delivery ${delivery.id} has no commit`);
  const done =
    delivery.way === 'merge'
      ? await advanceTarget(deps, order, targetCommit, commit)
      : await publishBranch(deps, order, commit);
  if (done === 'moved') return record(deps, delivery, decideTargetMoved);
  if ('kind' in done) return failDelivery(deps, delivery, { message: done.reason, remedy: done.remedy });
  deps.reach('delivery.pushed');
  await record(deps, delivery, (plan, open) => decideDelivered(plan, open, done));
}

type Refused = Extract<PublishResult, { kind: 'refused' }>;

async function advanceTarget(
  deps: OriginDeps,
  { facts: { repositoryId, origin, targetBranch: branch } }: Order,
  from: string,
  to: string,
): Promise<Delivered | Refused | 'moved'> {
  const push = await deps.git.deliveries.pushTarget({ repositoryId, origin, branch, from, to });
  if (push.kind === 'refused') return push;
  return push.kind === 'moved' ? 'moved' : { outcome: 'merged' };
}

/** The plan branch of the origin is ours: where an earlier delivery brought it up to date, this one takes its place. */
async function publishBranch(
  deps: OriginDeps,
  { delivery, facts }: Order,
  commit: string,
): Promise<Delivered | Refused> {
  const { planId, way } = delivery;
  const { repositoryId, origin, branch, targetBranch: target } = facts;
  const rewound = (await deps.store.publication(planId))?.left ?? [];
  const earlier = await deps.store.deliveries.deliveredHeads(planId);
  const left = [...new Set([...rewound, ...earlier])].filter((head) => head !== commit);
  const result = await deps.git.publish({ repositoryId, origin, branch, commit, left });
  if (result.kind === 'refused') return result;
  if (way === 'print') {
    const subject = deliverySubject(facts);
    const commands = await deps.git.deliveries.byHand({ origin, branch, commit, target, subject });
    return { outcome: 'printed', commands };
  }
  const { verdict } = delivery;
  const body = deliveryText(facts, verificationLines(facts, verdict));
  const title = deliveryTitle(facts);
  const pullRequest = await deps.forge.openPullRequest({ origin, head: branch, base: target, title, body });
  return { outcome: 'opened', pullRequest };
}
