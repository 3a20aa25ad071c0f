import { decideAskQuestion } from '#domain/plan/decisions/questions.js';
import {
  decideAttemptFailed,
  decideAttemptReturned,
  decideExecuted,
  type FailedAttempt,
} from '#domain/plan/decisions/execution.js';
import type { Decision } from '#domain/plan/decision.js';
import type { TaskSlice } from '#domain/plan/decisions/settle.js';
import type { AttemptState } from '#domain/plan/state.js';
import type { ExecutorDeps } from '../deps.js';
import type { AgentResult, WorkerExecutor } from '../ports/agent.port.js';
import { GitRefusal } from '../ports/git-refusal.js';
import type { FileDiff, Workspace } from '../ports/git.port.js';
import type { NewSnapshot, PlanTx } from '../ports/store.port.js';
import { onPlan, record } from '../unit-of-work.js';
import { openSession } from './attempt-session.js';
import type { AttemptOrder } from './attempt-order.js';
import { continuationOf, hasSession } from './continuation.js';
import { keepLease, type KeptLease } from './lease-keeper.js';
import { runAgent } from './run-agent.js';
import type { StepBatch } from './step-batch.js';

type Done = Extract<AgentResult, { kind: 'done' }>;
type Failed = Extract<AgentResult, { kind: 'failed' }>;

/** What was in the workspace of an attempt that failed: kept, to be looked at. */
type Left = Pick<NewSnapshot, 'gitRef' | 'commit' | 'diffs'>;

type Outcome =
  | {
      readonly kind: 'executed';
      readonly commit: string;
      readonly ref: string;
      readonly diffs: readonly FileDiff[];
      readonly ran: Pick<Done, 'output' | 'result' | 'sandbox'>;
    }
  /** A task that changes nothing did what it had to. */
  | Done
  | (Pick<Failed, 'kind' | 'message' | 'failure'> & Partial<Failed> & { readonly left?: Left })
  | (Extract<AgentResult, { kind: 'asked' }> & { readonly left?: Left })
  /** This worker is told to stop; a session goes on elsewhere with its files. */
  | { readonly kind: 'returned'; readonly left?: Left };

/** Carries an order out and records what came of it. What was told to stop by a lost lease records nothing. */
export async function carryOut(
  deps: ExecutorDeps,
  steps: StepBatch,
  order: AttemptOrder,
  shutdown: AbortSignal,
): Promise<void> {
  deps.reach('attempt.claimed');
  const lease = keepLease(deps, { entity: 'attempt', id: order.attemptId, token: order.token }, shutdown);
  try {
    const outcome = await work(deps, order, lease);
    const stopped = lease.ended && (outcome.kind === 'failed' || outcome.kind === 'asked');
    if (stopped && !shutdown.aborted) return;
    if (outcome.kind === 'done') {
      deps.reach('step.executed');
      await steps.finish(order, outcome);
    } else
      await record(
        deps,
        () => recordOutcome(deps, order, stopped ? { ...outcome, kind: 'returned' } : outcome),
        shutdown,
      );
  } finally {
    lease.stop();
  }
}

async function work(deps: ExecutorDeps, order: AttemptOrder, lease: KeptLease): Promise<Outcome> {
  try {
    return order.effect === 'none'
      ? await takeStep(deps, order, lease)
      : await makeCandidate(deps, order, lease);
  } catch (error) {
    deps.log.error({ err: error, attempt: order.attemptId }, 'an attempt failed');
    await sayFilesLost(deps, order);
    const failure = error instanceof GitRefusal ? 'agent_failed' : 'infrastructure';
    return { kind: 'failed', failure, message: (error as Error).message };
  }
}

/** The task's work in a clean workspace; what it changed becomes one commit in the hub. */
async function makeCandidate(deps: ExecutorDeps, order: AttemptOrder, lease: KeptLease): Promise<Outcome> {
  const { repositoryId, base, input, writtenBy } = order;
  const { signal } = lease;
  const executor = executorOf(order);
  const start = await continuationOf(deps, order);
  const workspace = await prepared(deps, order, signal, start.files);
  const session = openSession(deps, { order, lease, workspace, start });
  try {
    const { path: cwd, env } = workspace;
    const answer = await runAgent(deps, order, { executor, writtenBy, input, cwd, env, signal, session });
    await session.close();
    if (answer.kind !== 'done')
      return { ...answer, ...(await keepWhatIsLeft(deps, order, lease, workspace)) };
    deps.reach('attempt.executed');
    const { commit, changed } = await workspace.commit(order.message);
    const ref = `refs/planwright/candidates/${order.attemptId}-${order.token}`;
    if (!changed) return { kind: 'executed', commit, ref, diffs: [], ran: answer };
    if (!(await lease.isOurs()))
      return { kind: 'failed', failure: 'cancelled', message: 'the lease is lost' };
    await deps.git.pushNew({ repositoryId, commit, ref });
    deps.reach('candidate.pushed');
    const diffs = await deps.git.diff({ repositoryId, from: base, to: commit });
    return { kind: 'executed', commit, ref, diffs, ran: answer };
  } finally {
    await session.close();
    await workspace.release();
  }
}

const FILES_LOST = {
  role: 'note',
  content: [{ type: 'text', text: 'What was in the workspace could not be kept.' }],
} as const;

/** What an attempt left that stopped short is worth a look; where it cannot be kept, the rest alone is told. */
async function keepWhatIsLeft(
  deps: ExecutorDeps,
  order: AttemptOrder,
  lease: KeptLease,
  workspace: Pick<Workspace, 'commit'>,
): Promise<{ readonly left?: Left }> {
  const { repositoryId, base, message, attemptId, token, executor } = order;
  try {
    if (lease.ended && !(hasSession(executor) && (await lease.isOurs()))) return {};
    const { commit, changed } = await workspace.commit(message);
    if (!changed || !(await lease.isOurs())) return {};
    const gitRef = `refs/planwright/failures/${attemptId}-${token}`;
    await deps.git.pushNew({ repositoryId, commit, ref: gitRef });
    return { left: { gitRef, commit, diffs: await deps.git.diff({ repositoryId, from: base, to: commit }) } };
  } catch (error) {
    deps.log.warn({ err: error, attempt: attemptId }, 'what a failed attempt left could not be kept');
    await sayFilesLost(deps, order);
    return {};
  }
}

/** A session that would go on without its files begins afresh. */
async function sayFilesLost(deps: ExecutorDeps, order: AttemptOrder): Promise<void> {
  if (hasSession(order.executor))
    await deps.store.sessions.append(order, FILES_LOST, null).catch(() => undefined);
}

/** Work that changes nothing. A checkout that it asks for is there to be read: what it writes there is discarded. */
async function takeStep(deps: ExecutorDeps, order: AttemptOrder, lease: KeptLease): Promise<Outcome> {
  if (order.executor.kind === 'milestone') return { kind: 'done', output: '', result: null };
  const { signal } = lease;
  const { input, writtenBy } = order;
  const executor = executorOf(order);
  if (!('checkout' in executor) || executor.checkout !== true)
    return runAgent(deps, order, { executor, writtenBy, input, cwd: null, signal });
  const workspace = await prepared(deps, order, signal);
  try {
    const { path: cwd, env } = workspace;
    return await runAgent(deps, order, { executor, writtenBy, input, cwd, env, signal });
  } finally {
    await workspace.release();
  }
}

/** @param files of this commit it begins with; null: those of the base */
async function prepared(
  deps: ExecutorDeps,
  order: AttemptOrder,
  signal: AbortSignal,
  files: string | null = null,
) {
  const { repositoryId, base: commit, setup } = order;
  const place = { repositoryId, commit, pool: 'executor', setup, signal } as const;
  const workspace = await deps.workspaces.open({ ...place, ...(files === null ? {} : { files }) });
  deps.reach('workspace.prepared');
  return workspace;
}

function executorOf({ executor }: AttemptOrder): WorkerExecutor {
  switch (executor.kind) {
    case 'command':
    case 'claude':
    case 'agent':
    case 'patch':
      return executor;
    default:
      throw new Error(`a worker cannot carry out a task of kind ${executor.kind}`);
  }
}

function recordOutcome(
  deps: ExecutorDeps,
  order: AttemptOrder,
  outcome: Exclude<Outcome, { kind: 'done' }>,
): Promise<unknown> {
  return onPlan(deps, order.planId, async (tx) => {
    const attempt = await tx.attempt(order.attemptId);
    if (attempt === null || attempt.status !== 'running' || attempt.token !== order.token) return;
    const slice = await tx.slice(order.taskId);
    await tx.apply(decide(deps, tx, { slice, attempt }, outcome), deps.systemActorId);
    if (outcome.kind === 'executed') await snapshotCandidate(tx, order, outcome);
    else if (outcome.left !== undefined)
      await tx.addSnapshot({ ...outcome.left, ...ofAttempt(order), kind: 'failed' });
  });
}

function decide(
  deps: ExecutorDeps,
  tx: PlanTx,
  { slice, attempt }: { readonly slice: TaskSlice; readonly attempt: AttemptState },
  outcome: Exclude<Outcome, { kind: 'done' }>,
): Decision {
  switch (outcome.kind) {
    case 'returned':
      return decideAttemptReturned(slice, attempt);
    case 'failed':
      return decideAttemptFailed(slice, attempt, toFailure(outcome, tx.now), deps.ids.random());
    case 'asked': {
      const { question, output } = outcome;
      return decideAskQuestion(slice, attempt, { id: deps.ids.next(), question, output });
    }
    case 'executed': {
      const { commit: candidateCommit, ran } = outcome;
      const { output, result, sandbox } = ran;
      const executed = { candidateCommit, output, sandbox, ...(result === null ? {} : { result }) };
      return decideExecuted(slice, attempt, executed, () => deps.ids.next());
    }
  }
}

function toFailure(
  { failure, message, output, sandbox, result = null, retryAt = null }: Extract<Outcome, { kind: 'failed' }>,
  now: Date,
): FailedAttempt {
  return {
    failure,
    message,
    sandbox,
    ...(output === undefined ? {} : { output }),
    ...(result === null ? {} : { result }),
    ...(retryAt === null ? {} : { retryAfterMs: Math.max(0, retryAt.getTime() - now.getTime()) }),
  };
}

function snapshotCandidate(
  tx: PlanTx,
  order: AttemptOrder,
  { ref: gitRef, commit, diffs }: Extract<Outcome, { kind: 'executed' }>,
): Promise<void> {
  return tx.addSnapshot({ ...ofAttempt(order), kind: 'candidate', gitRef, commit, diffs });
}

function ofAttempt({ taskId, attemptId, base: baseCommit }: AttemptOrder) {
  return { taskId, attemptId, baseCommit };
}
