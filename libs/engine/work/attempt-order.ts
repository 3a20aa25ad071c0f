import type { AttemptPin } from '#domain/plan/decisions/execution.js';
import type { PlanState, TaskEffect, TaskState, WrittenBy } from '#domain/plan/state.js';
import type { ProfileLimits } from '#domain/profile/profile.js';
import type { WriteScope } from '#domain/spec/write-scope.js';
import { canonicalHash } from '../canonical.js';
import type { AttemptInput, ExecutorConfig } from '../ports/agent.port.js';
import type { CommitMessage } from '../ports/git.port.js';
import type { WorkspaceSetup } from '../ports/setup.port.js';
import type { PlanTx, TaskBrief } from '../ports/store.port.js';
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

/** The order for a step that is claimed in this transaction. */
export function stepOrder(
  tx: PlanTx,
  task: TaskState,
  { input, ...attempt }: ClaimedAttempt & { readonly input: AttemptInput },
  brief: Pick<TaskBrief, 'executor' | 'writtenBy'>,
): AttemptOrder {
  return orderOf(tx, task, attempt, { ...brief, setup: null, writes: [], mayChange: [] }, input);
}

interface ClaimedAttempt {
  readonly id: string;
  readonly number: number;
  /** That of the claim. */
  readonly token: number;
}

/** The order for an attempt that is claimed in this transaction. */
export function orderOf(
  tx: PlanTx,
  task: TaskState,
  attempt: ClaimedAttempt,
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

/** What an executor is told. */
export function inputOf(plan: PlanState, task: TaskState, attempt: number, brief: Given): AttemptInput {
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
export function hashOf(
  plan: PlanState,
  { attempt: _, spec: __, ...input }: AttemptInput,
  brief: Given,
): string {
  const { executor, specHash, supersedes } = brief;
  const ended = supersedes.length === 0 ? {} : { supersedes };
  return canonicalHash({ input, executor, specHash, ...ended, base: plan.tipCommit });
}
