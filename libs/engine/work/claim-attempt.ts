import { decideClaimAttempt, decideSameInput } from '#domain/plan/decisions/execution.js';
import type { AttemptState, TaskEffect, TaskState } from '#domain/plan/state.js';
import { canonicalHash } from '../canonical.js';
import type { EngineDeps } from '../deps.js';
import type { AttemptInput, ExecutorConfig } from '../ports/agent.port.js';
import type { CommitMessage } from '../ports/git.port.js';
import type { PlanTx, TaskBrief } from '../ports/store.port.js';
import { onPlan, unlessFenced } from '../unit-of-work.js';
import { taskCommitMessage } from './commit-message.js';

/** What a delivery names. */
export interface AttemptJob {
  readonly planId: string;
  readonly attemptId: string;
}

/** An attempt that is ours, and all that its work needs. */
export interface AttemptOrder extends AttemptJob {
  readonly taskId: string;
  readonly token: number;
  readonly repositoryId: string;
  readonly base: string;
  readonly effect: TaskEffect;
  readonly input: AttemptInput;
  readonly executor: ExecutorConfig;
  readonly message: CommitMessage;
}

/**
 * Claims for one slot of a worker. A delivery is a doorbell: of all attempts that wait, the one whose turn it is by
 * priority and fairness is taken. Whoever loses one to a faster worker asks again, so that no doorbell is wasted while
 * something waits: each loss is another's claim. The delivery's own is taken where the choice cannot be had at all.
 *
 * @returns null when there is nothing left to claim
 */
export async function claimFairest(deps: EngineDeps, job: AttemptJob): Promise<AttemptOrder | null> {
  const lost = new Set<string>();
  for (;;) {
    const fairest = await deps.store.fairestQueued();
    if (fairest === null) return null;
    // What was claimed never waits again: this one is listed, and yet not to be had.
    if (lost.has(fairest.attemptId)) break;
    const order = await unlessFenced(deps, () => claimAttempt(deps, fairest));
    if (order !== null) return order;
    lost.add(fairest.attemptId);
  }
  return unlessFenced(deps, () => claimAttempt(deps, job));
}

/** Takes the attempt and pins what it is given. Null: it is not to be had (any more). */
function claimAttempt(deps: EngineDeps, job: AttemptJob): Promise<AttemptOrder | null> {
  return onPlan(deps, job.planId, async (tx) => {
    const attempt = await tx.attempt(job.attemptId);
    if (attempt === null) return null;
    const task = await tx.task(attempt.taskId);
    const brief = await tx.brief(task.id);
    const input = inputOf(tx, task, attempt, brief);
    const inputHash = hashOf(tx, input, brief);
    if (await refuseSameInput(deps, tx, attempt, inputHash)) return null;
    const pin = { specHash: brief.specHash, input, inputHash };
    const decision = decideClaimAttempt(tx.plan, task, attempt, pin);
    if (decision === null) return null;
    await tx.apply(decision, deps.systemActorId);
    const base = tx.plan.tipCommit;
    if (task.effect === 'change') await snapshotBase(tx, attempt, base);
    return {
      planId: tx.plan.id,
      attemptId: attempt.id,
      taskId: task.id,
      token: attempt.token + 1,
      repositoryId: tx.plan.repositoryId,
      base,
      effect: task.effect,
      input,
      executor: brief.executor,
      message: taskCommitMessage({
        planNumber: tx.plan.number,
        planName: tx.plan.name,
        taskNumber: task.number,
        title: task.title,
        attempt: attempt.number,
        at: tx.now,
      }),
    };
  });
}

function inputOf(tx: PlanTx, task: TaskState, attempt: AttemptState, brief: TaskBrief): AttemptInput {
  return {
    plan: { number: tx.plan.number, name: tx.plan.name },
    task: { number: task.number, title: task.title, prompt: brief.prompt },
    attempt: attempt.number,
    note: task.note,
    violations: brief.lastViolations,
    rejectedDiff: brief.lastDiff,
  };
}

/** Without the attempt's number: what two attempts are given is the same where nothing but that differs. */
function hashOf(tx: PlanTx, { attempt: _, ...input }: AttemptInput, brief: TaskBrief): string {
  const { executor, specHash } = brief;
  return canonicalHash({ input, executor, specHash, base: tx.plan.tipCommit });
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
