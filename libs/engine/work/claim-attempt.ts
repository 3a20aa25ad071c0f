import { decideClaimAttempt, decideNotBegun, decideSameInput } from '#domain/plan/decisions/execution.js';
import type { AttemptState } from '#domain/plan/state.js';
import type { PinnedProfile, ProfileLimits } from '#domain/profile/profile.js';
import type { EngineDeps } from '../deps.js';
import { executorWord } from '../executors.js';
import type { PlanTx } from '../ports/store.port.js';
import { unlessFenced } from '../unit-of-work.js';
import { hashOf, inputOf, orderOf, type AttemptJob, type AttemptOrder } from './attempt-order.js';
import { beginSteps, onSteps, takeSteps } from './begin-steps.js';
import { giveToProfile } from './give-to-profile.js';

/**
 * Claims for one slot of a worker. A delivery is a doorbell: of all attempts that wait, the one whose turn it is by
 * priority and fairness is taken. Whoever loses one to a faster worker asks again, so that no doorbell is wasted while
 * something waits: each loss is another's claim. The delivery's own is taken where the choice cannot be had at all.
 *
 * @param free other slots of the worker: steps of the same plan begin in them, unless another plan waits for a worker
 * @returns what was claimed, and the steps that were begun with it; none when there is nothing left to claim
 */
export async function claimFairest(
  deps: EngineDeps,
  job: AttemptJob,
  free = 0,
): Promise<readonly AttemptOrder[]> {
  const claim = async (of: AttemptJob) =>
    (await unlessFenced(deps, () => claimAttempt(deps, of, free))) ?? [];
  const lost = new Set<string>();
  for (;;) {
    const fairest = await deps.store.fairestQueued();
    if (fairest === null) return [];
    // What was claimed never waits again: this one is listed, and yet not to be had.
    if (lost.has(fairest.attemptId)) break;
    const orders = await claim(fairest);
    if (orders.length > 0) return orders;
    lost.add(fairest.attemptId);
  }
  return claim(job);
}

/** None: it is not to be had (any more). */
function claimAttempt(deps: EngineDeps, job: AttemptJob, free: number): Promise<readonly AttemptOrder[]> {
  return onSteps(deps, job.planId, [], async (tx, { queued, othersQueued }) => {
    const order = await takeAttempt(deps, tx, job.attemptId);
    const slots = order === null || othersQueued ? 0 : free;
    const others = queued.filter(({ attempt }) => attempt.id !== job.attemptId);
    const taken = await takeSteps(deps, tx, others.slice(0, slots));
    const begun = await beginSteps(deps, tx, slots - taken.length);
    return [...(order === null ? [] : [order]), ...taken, ...begun];
  });
}

/** Takes the attempt and pins what it is given. Null: it is not to be had (any more). */
async function takeAttempt(deps: EngineDeps, tx: PlanTx, attemptId: string): Promise<AttemptOrder | null> {
  const attempt = await tx.attempt(attemptId);
  if (attempt === null) return null;
  const [task, found] = await Promise.all([tx.task(attempt.taskId), tx.brief(attempt.taskId)]);
  const given = await giveToProfile(tx, found);
  if (given.executor === null) {
    await refuse(deps, tx, attempt, given.reason);
    return null;
  }
  const { executor, profile } = given;
  const brief = { ...found, executor, limits: limitsOf(profile) };
  const input = inputOf(tx.plan, task, attempt.number, brief);
  const inputHash = hashOf(tx.plan, input, brief);
  if (await refuseSameInput(deps, tx, attempt, inputHash)) return null;
  const { spec: _, ...stored } = input;
  const pin = {
    specHash: brief.specHash,
    input: stored,
    inputHash,
    executor: executorWord(executor),
    ...(profile === null ? {} : { profile }),
  };
  const decision = decideClaimAttempt(tx.plan, task, attempt, pin);
  if (decision === null) return null;
  await tx.apply(decision, deps.systemActorId);
  const base = tx.plan.tipCommit;
  if (task.effect === 'change') await snapshotBase(tx, attempt, base);
  const { id, number, token } = attempt;
  return orderOf(tx, task, { id, number, token: token + 1 }, brief, input);
}

/** Who was chosen, and why, is nothing that an attempt works by. */
function limitsOf(profile: PinnedProfile | null): ProfileLimits | null {
  if (profile === null) return null;
  const { constraints, tools } = profile;
  return { constraints, tools };
}

async function refuse(deps: EngineDeps, tx: PlanTx, attempt: AttemptState, reason: string): Promise<void> {
  const decision = decideNotBegun(await tx.slice(attempt.taskId), attempt, reason);
  if (decision !== null) await tx.apply(decision, deps.systemActorId);
}

/** @returns whether the attempt was refused: what came of its input before was rejected, and would be again */
async function refuseSameInput(
  deps: EngineDeps,
  tx: PlanTx,
  attempt: AttemptState,
  inputHash: string,
): Promise<boolean> {
  if (attempt.number === 1) return false;
  const rejected = await tx.rejectedWith(attempt.taskId, inputHash);
  if (rejected === null) return false;
  const decision = decideSameInput(await tx.slice(attempt.taskId), attempt, rejected);
  if (decision !== null) await tx.apply(decision, deps.systemActorId);
  return true;
}

function snapshotBase(tx: PlanTx, attempt: AttemptState, base: string): Promise<void> {
  return tx.addSnapshot({
    taskId: attempt.taskId,
    attemptId: attempt.id,
    kind: 'before',
    gitRef: base,
    commit: base,
    baseCommit: base,
    diffs: [],
  });
}
