import type { NewAttempt } from '#domain/plan/change.js';
import {
  decideClaimAttempt,
  decideNotBegun,
  decideSameInput,
  type AttemptPin,
} from '#domain/plan/decisions/execution.js';
import type { PinnedProfile, ProfileLimits } from '#domain/profile/profile.js';
import type { AttemptState, PlanState, TaskEffect, TaskState, WrittenBy } from '#domain/plan/state.js';
import type { WriteScope } from '#domain/spec/write-scope.js';
import { canonicalHash } from '../canonical.js';
import type { EngineDeps } from '../deps.js';
import type { AttemptInput, ExecutorConfig } from '../ports/agent.port.js';
import type { WorkspaceSetup } from '../ports/setup.port.js';
import type { CommitMessage } from '../ports/git.port.js';
import type { PlanTx, TaskBrief } from '../ports/store.port.js';
import { onPlan, unlessFenced } from '../unit-of-work.js';
import { executorWord } from '../executors.js';
import { giveToProfile } from './give-to-profile.js';
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
  /** Who wrote the executor: how it is isolated hangs on it. */
  readonly writtenBy: WrittenBy;
  /** How its workspace is prepared. */
  readonly setup: WorkspaceSetup | null;
  /** Where it says that it writes; nothing of a task that changes nothing. */
  readonly scope: WriteScope;
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
    const found = await tx.brief(task.id);
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
    return orderOf(
      tx,
      task,
      { id: attempt.id, number: attempt.number, token: attempt.token + 1 },
      brief,
      input,
    );
  });
}

/** What a step is given, where its claim is decided without looking its task up again. */
export function stepInput(
  plan: PlanState,
  task: TaskState,
  number: number,
  prompt: string,
  executor: ExecutorConfig,
): AttemptPin & { readonly input: AttemptInput } {
  const brief = {
    prompt,
    executor,
    specYaml: null,
    specHash: null,
    supersedes: [],
    lastViolations: [],
    lastDiff: '',
    answers: [],
    limits: null,
  };
  const input = inputOf(plan, task, number, brief);
  return { specHash: null, input, inputHash: hashOf(plan, input, brief) };
}

/** The order for a step whose attempt is made and claimed in this transaction. */
export function stepOrder(
  tx: PlanTx,
  task: TaskState,
  { id, number, input }: NewAttempt,
  brief: Pick<TaskBrief, 'executor' | 'writtenBy'>,
): AttemptOrder {
  const attempt = { id, number, token: 1 };
  return orderOf(
    tx,
    task,
    attempt,
    { ...brief, setup: null, writes: [], mayChange: [] },
    input as AttemptInput,
  );
}

function orderOf(
  tx: PlanTx,
  task: TaskState,
  attempt: { readonly id: string; readonly number: number; readonly token: number },
  brief: Pick<TaskBrief, 'executor' | 'writtenBy' | 'setup' | 'writes' | 'mayChange'>,
  input: AttemptInput,
): AttemptOrder {
  const { plan } = tx;
  const { executor, writtenBy, setup, writes, mayChange } = brief;
  return {
    planId: plan.id,
    attemptId: attempt.id,
    taskId: task.id,
    token: attempt.token,
    repositoryId: plan.repositoryId,
    base: plan.tipCommit,
    effect: task.effect,
    input,
    executor,
    writtenBy,
    setup,
    scope: { writes, mayChange },
    message: taskCommitMessage({
      planNumber: plan.number,
      planName: plan.name,
      taskNumber: task.number,
      title: task.title,
      attempt: attempt.number,
      at: tx.now,
    }),
  };
}

type Given = Pick<
  TaskBrief,
  'prompt' | 'executor' | 'specYaml' | 'specHash' | 'supersedes' | 'lastViolations' | 'lastDiff' | 'answers'
> & { readonly limits: ProfileLimits | null };

function inputOf(plan: PlanState, task: TaskState, attempt: number, brief: Given): AttemptInput {
  return {
    plan: { number: plan.number, name: plan.name },
    task: { number: task.number, title: task.title, prompt: brief.prompt },
    spec: brief.specYaml,
    attempt,
    note: task.note,
    violations: brief.lastViolations,
    rejectedDiff: brief.lastDiff,
    ...(brief.limits === null ? {} : { limits: brief.limits }),
    ...(brief.answers.length === 0 ? {} : { answers: brief.answers }),
  };
}

/**
 * Without the attempt's number: what two attempts are given is the same where nothing but that differs. The spec is in it
 * by its own hash.
 */
function hashOf(plan: PlanState, { attempt: _, spec: __, ...input }: AttemptInput, brief: Given): string {
  const { executor, specHash, supersedes } = brief;
  const ended = supersedes.length === 0 ? {} : { supersedes };
  return canonicalHash({ input, executor, specHash, ...ended, base: plan.tipCommit });
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
