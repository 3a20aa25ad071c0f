import {
  decideClaimIntegration,
  decideIntegrationFailed,
  decideIntent,
  decideLanded,
  decideRebased,
  decideReviewAgain,
  integrationIsHopeless,
  type Landing,
} from '#domain/plan/decisions/integration.js';
import type { AttemptFailure, IntegrationState } from '#domain/plan/state.js';
import type { ExecutorDeps } from '../deps.js';
import type { CommitMessage, FileDiff, LaneState } from '../ports/git.port.js';
import type { PlanTx } from '../ports/store.port.js';
import { onPlan, record, unlessFenced } from '../unit-of-work.js';
import { taskCommitMessage } from './commit-message.js';
import { keepLease } from './lease-keeper.js';
import { isUnverified } from './verify-commit.js';

interface LaneOrder {
  readonly planId: string;
  readonly repositoryId: string;
  readonly branch: string;
  readonly planBase: string;
  /** As it was claimed, with the new token. */
  readonly integration: IntegrationState;
  /** The worker before died in here: what it still may push has to be fenced off first. */
  readonly takeover: boolean;
  /** Too many workers died over it: unless it landed, it ends here. */
  readonly hopeless: boolean;
  /** The patch-id of the diff that a person let onto the branch; null: nobody had to. */
  readonly approvedPatch: string | null;
  readonly message: CommitMessage;
}

/** One delivery of an integration: take the lane, rebase, (wait for its verdict,) record the intent, push, say so. */
export async function integrateAttempt(
  deps: ExecutorDeps,
  job: { readonly planId: string; readonly integrationId: string },
  shutdown: AbortSignal,
): Promise<void> {
  const order = await unlessFenced(deps, () => claimLane(deps, job));
  if (order === null) return;
  deps.reach('lane.claimed');
  const { id, token } = order.integration;
  const lease = keepLease(deps, { entity: 'integration', id, token }, shutdown);
  try {
    await integrate(deps, order);
  } finally {
    lease.stop();
  }
}

function claimLane(
  deps: ExecutorDeps,
  job: { readonly planId: string; readonly integrationId: string },
): Promise<LaneOrder | null> {
  return onPlan(deps, job.planId, async (tx) => {
    const integration = await tx.integration(job.integrationId);
    if (integration === null) return null;
    const expired = await tx.leaseExpired({ entity: 'integration', id: integration.id });
    const lane = await tx.lane();
    const decision = decideClaimIntegration(tx.plan, integration, lane.holder, expired);
    if (decision === null) return null;
    await tx.apply(decision, deps.systemActorId);
    const task = await tx.task(integration.taskId);
    const attempt = await tx.attempt(integration.attemptId);
    return {
      planId: tx.plan.id,
      repositoryId: tx.plan.repositoryId,
      branch: tx.plan.branch,
      planBase: tx.plan.baseCommit,
      integration: { ...integration, status: 'merging', token: integration.token + 1 },
      takeover: expired,
      hopeless: expired && integrationIsHopeless(integration),
      approvedPatch: task.approvedPatch,
      message: taskCommitMessage({
        planNumber: tx.plan.number,
        planName: tx.plan.name,
        taskNumber: task.number,
        title: task.title,
        attempt: attempt?.number ?? 1,
        at: tx.now,
      }),
    };
  });
}

async function integrate(deps: ExecutorDeps, order: LaneOrder): Promise<void> {
  const { repositoryId, integration } = order;
  const lane = order.takeover ? await fenceOffPredecessor(deps, order) : await readLane(deps, order);
  const tip = lane.tip ?? order.planBase;
  const intended = integration.intentNewTip;
  // The lane is ours alone: the tip is what was there before the intent, or the intent.
  if (intended !== null && intended === tip) {
    await land(deps, order, integration.intentOldTip ?? order.planBase, intended);
    return;
  }
  if (order.hopeless) {
    const message = `it could not be integrated in ${integration.token} tries; the log of the executor-worker says why`;
    await record(deps, () =>
      onOwnLane(deps, order, (tx, current) =>
        recordFailure(deps, tx, current, { failure: 'infrastructure', message }),
      ),
    );
    return;
  }
  const newTip = await rebasedCommit(deps, order, tip);
  if (newTip === null) return;
  const intent = await record(deps, () => recordIntent(deps, order, tip, newTip));
  if (intent === 'unproven') await verifyAgain(deps, order, tip, newTip);
  if (intent !== 'recorded') return;
  deps.reach('intent.recorded');
  if (newTip !== tip) {
    const push = await deps.git.pushPlanBranch({
      repositoryId,
      planId: order.planId,
      branch: order.branch,
      expectedTip: lane.tip,
      newTip,
      expectedFence: lane.fence,
      fenceValue: fenceValue(order, 'landed'),
    });
    if (push.kind === 'refused') {
      // Somebody moved the fence: the lane is theirs, and so is the answer to what happened.
      deps.log.warn(
        { integration: integration.id, reason: push.reason },
        'a push of the plan branch was refused',
      );
      return;
    }
    deps.reach('branch.pushed');
  }
  await land(deps, order, tip, newTip);
}

/** Says that the commit is on the branch. Where it is not the candidate itself, its diff is another one. */
async function land(deps: ExecutorDeps, order: LaneOrder, tip: string, newTip: string): Promise<void> {
  const { repositoryId, integration } = order;
  const isCandidate = newTip === tip || newTip === integration.candidateCommit;
  const diffs = isCandidate ? [] : await deps.git.diff({ repositoryId, from: tip, to: newTip });
  await record(deps, () => recordLanded(deps, order, newTip, diffs));
}

/** The commit to land; null when the lane now waits for a verdict, was left for a review, or gave up. */
async function rebasedCommit(deps: ExecutorDeps, order: LaneOrder, tip: string): Promise<string | null> {
  const { repositoryId, integration, message } = order;
  // A result is stored only with the run that grades it, and this status is reached only when that run passed.
  if (integration.resultCommit !== null && integration.ontoCommit === tip) return integration.resultCommit;
  const rebase = await deps.git.rebase({
    repositoryId,
    candidate: integration.candidateCommit,
    onto: tip,
    message,
  });
  if (rebase.kind === 'conflict') {
    const failed: AttemptFailure = {
      failure: 'conflict',
      message: `does not merge with what landed meanwhile in ${rebase.files.join(', ')}\n${rebase.hunks}`,
    };
    await record(deps, () =>
      onOwnLane(deps, order, (tx, current) => recordFailure(deps, tx, current, failed)),
    );
    return null;
  }
  const patchId = await otherPatch(deps, order, tip, rebase.commit);
  if (patchId !== null) {
    // In the hub, so that a person can look at it.
    await deps.git.pushNew({ repositoryId, commit: rebase.commit, ref: integrationRef(integration) });
    deps.reach('review.pushed');
    await record(deps, () => recordReviewAgain(deps, order, { commit: rebase.commit, patchId }));
    return null;
  }
  if (!rebase.treeChanged) return rebase.commit;
  await verifyAgain(deps, order, tip, rebase.commit);
  return null;
}

/** The lane waits for a verdict on what is about to land. */
async function verifyAgain(deps: ExecutorDeps, order: LaneOrder, tip: string, commit: string): Promise<void> {
  const { repositoryId, integration } = order;
  const ref = integrationRef(integration);
  await deps.git.pushNew({ repositoryId, commit, ref });
  deps.reach('rebase.pushed');
  await record(deps, () =>
    onOwnLane(deps, order, async (tx, current) => {
      const decision = decideRebased(tx.plan, current, tip, commit, () => deps.ids.next());
      await tx.apply(decision, deps.systemActorId);
    }),
  );
}

function integrationRef({ id, token }: IntegrationState): string {
  return `refs/planwright/integrations/${id}-${token}`;
}

/** The patch-id of what the rebase made, where a person had let another diff onto the branch; else null. */
async function otherPatch(
  deps: ExecutorDeps,
  { repositoryId, integration, approvedPatch }: LaneOrder,
  tip: string,
  commit: string,
): Promise<string | null> {
  if (approvedPatch === null || commit === tip || commit === integration.candidateCommit) return null;
  const patchId = await deps.git.patchId({ repositoryId, from: tip, to: commit });
  return patchId === approvedPatch ? null : patchId;
}

function readLane(deps: ExecutorDeps, { repositoryId, planId, branch }: LaneOrder): Promise<LaneState> {
  return deps.git.readLane({ repositoryId, planId, branch });
}

/** After this, a push that the predecessor prepared is refused; only then is the tip worth reading. */
async function fenceOffPredecessor(deps: ExecutorDeps, order: LaneOrder): Promise<LaneState> {
  const { repositoryId, planId } = order;
  const before = await readLane(deps, order);
  await deps.git.moveFence({
    repositoryId,
    planId,
    expected: before.fence,
    value: fenceValue(order, 'taken-over'),
  });
  return readLane(deps, order);
}

function fenceValue({ integration }: LaneOrder, why: string): string {
  return `${integration.id}-${integration.token}-${why}`;
}

/** Runs only while the integration is still held by this claim. */
function onOwnLane<T>(
  deps: ExecutorDeps,
  order: LaneOrder,
  work: (tx: PlanTx, current: IntegrationState) => Promise<T>,
): Promise<T | null> {
  return onPlan(deps, order.planId, async (tx) => {
    const current = await tx.integration(order.integration.id);
    if (current === null || current.token !== order.integration.token) return null;
    if (current.status !== 'merging' && current.status !== 'pushing') return null;
    return work(tx, current);
  });
}

/** `unproven`: other tasks were done since it was judged, and nobody has looked whether it breaks what they proved. */
function recordIntent(
  deps: ExecutorDeps,
  order: LaneOrder,
  tip: string,
  newTip: string,
): Promise<'recorded' | 'unproven' | null> {
  return onOwnLane(deps, order, async (tx, current) => {
    if (newTip !== tip && (await tx.provenSince(current.attemptId))) return 'unproven' as const;
    await tx.apply(decideIntent(tx.plan, current, tip, newTip), deps.systemActorId);
    return 'recorded' as const;
  });
}

function recordReviewAgain(
  deps: ExecutorDeps,
  order: LaneOrder,
  shown: { readonly commit: string; readonly patchId: string },
): Promise<unknown> {
  return onOwnLane(deps, order, async (tx, current) => {
    await tx.apply(decideReviewAgain(await landing(tx, current), shown), deps.systemActorId);
  });
}

function recordLanded(
  deps: ExecutorDeps,
  order: LaneOrder,
  newTip: string,
  diffs: readonly FileDiff[],
): Promise<unknown> {
  return onOwnLane(deps, order, async (tx, current) => {
    const verdict = await tx.passingVerdict(current.attemptId);
    const unverified = verdict === null || isUnverified(verdict);
    const { tipCommit: baseCommit, branch } = tx.plan;
    await tx.apply(decideLanded(await landing(tx, current), newTip, unverified), deps.systemActorId);
    if (newTip === baseCommit) return;
    const { taskId, attemptId } = current;
    const gitRef = `refs/heads/${branch}`;
    await tx.addSnapshot({ taskId, attemptId, kind: 'landed', gitRef, commit: newTip, baseCommit, diffs });
  });
}

async function recordFailure(
  deps: ExecutorDeps,
  tx: PlanTx,
  integration: IntegrationState,
  failed: AttemptFailure,
): Promise<void> {
  const decision = decideIntegrationFailed(await landing(tx, integration), failed, deps.ids.random());
  await tx.apply(decision, deps.systemActorId);
}

async function landing(tx: PlanTx, integration: IntegrationState): Promise<Landing> {
  const attempt = await tx.attempt(integration.attemptId);
  if (attempt === null) throw new Error(`attempt ${integration.attemptId} of an integration is gone`);
  const lane = await tx.lane();
  return { slice: await tx.slice(integration.taskId), attempt, integration, nextInLane: lane.next };
}
