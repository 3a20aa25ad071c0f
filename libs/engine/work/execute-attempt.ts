import {
  decideAttemptFailed,
  decideAttemptReturned,
  decideClaimAttempt,
  decideExecuted,
} from '#domain/plan/decisions/execution.js';
import type { AttemptFailure } from '#domain/plan/state.js';
import { canonicalHash } from '../canonical.js';
import type { ExecutorDeps } from '../deps.js';
import type { AttemptInput, ExecutorConfig } from '../ports/agent.port.js';
import { GitRefusal } from '../ports/git-refusal.js';
import type { CommitMessage, FileDiff } from '../ports/git.port.js';
import { onPlan, record, unlessFenced } from '../unit-of-work.js';
import { taskCommitMessage } from './commit-message.js';
import { keepLease } from './lease-keeper.js';

interface AttemptOrder {
  readonly planId: string;
  readonly attemptId: string;
  readonly taskId: string;
  readonly token: number;
  readonly repositoryId: string;
  readonly base: string;
  readonly input: AttemptInput;
  readonly executor: ExecutorConfig;
  readonly message: CommitMessage;
}

type Outcome =
  | {
      readonly kind: 'executed';
      readonly commit: string;
      readonly ref: string;
      readonly diffs: readonly FileDiff[];
      readonly output: string;
    }
  | ({ readonly kind: 'failed'; readonly output?: string } & AttemptFailure)
  /** This worker is told to stop. */
  | { readonly kind: 'returned' };

/** One delivery of an attempt: claim, work in a clean workspace, push the candidate, say so. */
export async function executeAttempt(
  deps: ExecutorDeps,
  job: { readonly planId: string; readonly attemptId: string },
  shutdown: AbortSignal,
): Promise<void> {
  const order = await unlessFenced(deps, () => claimAttempt(deps, job));
  if (order === null) return;
  const lease = keepLease(deps, { entity: 'attempt', id: order.attemptId, token: order.token }, shutdown);
  try {
    const outcome = await work(deps, order, lease.signal);
    const stopped = lease.signal.aborted && outcome.kind === 'failed';
    if (stopped && !shutdown.aborted) return;
    await record(deps, () => recordOutcome(deps, order, stopped ? { kind: 'returned' } : outcome), shutdown);
  } finally {
    lease.stop();
  }
}

/** Takes the attempt and pins what it is given. Null: it is not to be had (any more). */
function claimAttempt(
  deps: ExecutorDeps,
  job: { readonly planId: string; readonly attemptId: string },
): Promise<AttemptOrder | null> {
  return onPlan(deps, job.planId, async (tx) => {
    const attempt = await tx.attempt(job.attemptId);
    if (attempt === null) return null;
    const task = await tx.task(attempt.taskId);
    const brief = await tx.brief(task.id);
    const input: AttemptInput = {
      plan: { number: tx.plan.number, name: tx.plan.name },
      task: { number: task.number, title: task.title, prompt: brief.prompt },
      attempt: attempt.number,
      violations: brief.lastViolations,
      rejectedDiff: brief.lastDiff,
    };
    const pin = {
      specHash: brief.specHash,
      input,
      inputHash: canonicalHash({ input, executor: brief.executor, base: tx.plan.tipCommit }),
    };
    const decision = decideClaimAttempt(tx.plan, task, attempt, pin);
    if (decision === null) return null;
    await tx.apply(decision, deps.systemActorId);
    const base = tx.plan.tipCommit;
    await tx.addSnapshot({
      taskId: task.id,
      attemptId: attempt.id,
      kind: 'before',
      gitRef: base,
      commit: base,
      baseCommit: base,
      diffs: [],
    });
    return {
      planId: tx.plan.id,
      attemptId: attempt.id,
      taskId: task.id,
      token: attempt.token + 1,
      repositoryId: tx.plan.repositoryId,
      base,
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

async function work(deps: ExecutorDeps, order: AttemptOrder, signal: AbortSignal): Promise<Outcome> {
  const { repositoryId, base } = order;
  try {
    const workspace = await deps.git.openWorkspace({ repositoryId, commit: base, pool: 'executor' });
    try {
      const result = await deps.agents.run({
        executor: order.executor,
        input: order.input,
        cwd: workspace.path,
        signal,
      });
      if (result.kind === 'failed') return result;
      const candidate = await workspace.commit(order.message);
      const ref = `refs/planwright/candidates/${order.attemptId}-${order.token}`;
      if (candidate.changed) await deps.git.pushNew({ repositoryId, commit: candidate.commit, ref });
      const diffs = candidate.changed
        ? await deps.git.diff({ repositoryId, from: base, to: candidate.commit })
        : [];
      return { kind: 'executed', commit: candidate.commit, ref, diffs, output: result.output };
    } finally {
      await workspace.release();
    }
  } catch (error) {
    deps.log.error({ err: error, attempt: order.attemptId }, 'an attempt failed');
    const failure = error instanceof GitRefusal ? 'agent_failed' : 'infrastructure';
    return { kind: 'failed', failure, message: (error as Error).message };
  }
}

function recordOutcome(deps: ExecutorDeps, order: AttemptOrder, outcome: Outcome): Promise<unknown> {
  return onPlan(deps, order.planId, async (tx) => {
    const attempt = await tx.attempt(order.attemptId);
    if (attempt === null || attempt.status !== 'running' || attempt.token !== order.token) return;
    const slice = await tx.slice(order.taskId);
    if (outcome.kind === 'returned') {
      await tx.apply(decideAttemptReturned(slice, attempt), deps.systemActorId);
      return;
    }
    if (outcome.kind === 'failed') {
      await tx.apply(decideAttemptFailed(slice, attempt, outcome, deps.ids.random()), deps.systemActorId);
      return;
    }
    const { commit, output } = outcome;
    await tx.apply(
      decideExecuted(slice, attempt, { candidateCommit: commit, output }, () => deps.ids.next()),
      deps.systemActorId,
    );
    await tx.addSnapshot({
      taskId: order.taskId,
      attemptId: order.attemptId,
      kind: 'candidate',
      gitRef: outcome.ref,
      commit,
      baseCommit: order.base,
      diffs: outcome.diffs,
    });
  });
}
