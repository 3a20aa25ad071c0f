import { needsReview } from '#domain/plan/decisions/review.js';
import {
  decideClaimRun,
  decideRunFailed,
  decideRunReturned,
  decideVerdict,
  runIsHopeless,
  type VerdictState,
} from '#domain/plan/decisions/verification.js';
import { contractsBinding } from '#domain/plan/contracts.js';
import type { AttemptState, RunState } from '#domain/plan/state.js';
import type { WriteLimits } from '#domain/profile/profile.js';
import type { Verdict } from '#domain/spec/verdict.js';
import type { EngineDeps, VerifierDeps } from '../deps.js';
import type { WorkspaceSetup } from '../ports/setup.port.js';
import type { PlanTx } from '../ports/store.port.js';
import { onPlan, record, unlessFenced } from '../unit-of-work.js';
import { contractsOf } from '../verification/finished-tasks.js';
import { gradeInPlan } from '../verification/grade-contracts.js';
import { keepLease } from './lease-keeper.js';

interface RunOrder {
  readonly planId: string;
  readonly runId: string;
  readonly token: number;
  readonly repositoryId: string;
  readonly planBase: string;
  readonly attemptBase: string;
  readonly candidate: string;
  readonly specText: string | null;
  readonly specHash: string | null;
  readonly mayChange: readonly string[];
  readonly scope: WriteLimits | null;
  /** Its task, and the contracts that this one may break. */
  readonly task: { readonly number: number; readonly supersedes: readonly string[] };
  /** A person will be asked to let this diff onto the branch. */
  readonly reviewed: boolean;
  readonly setup: WorkspaceSetup | null;
}

/** One delivery of a verification run: claim, grade the commit, say so. */
export async function verifyCommit(
  deps: VerifierDeps,
  job: { readonly planId: string; readonly runId: string },
  shutdown: AbortSignal,
): Promise<void> {
  const order = await unlessFenced(deps, () => claimRun(deps, job));
  if (order === null) return;
  deps.reach('run.claimed');
  const lease = keepLease(deps, { entity: 'run', id: order.runId, token: order.token }, shutdown);
  try {
    // What is proven while this goes on is looked at before the commit lands.
    const contracts = contractsOf(await deps.store.finishedWork(order.planId));
    const binding = contractsBinding(order.task, contracts);
    const verdict = await gradeInPlan(deps, { ...order, signal: lease.signal }, binding);
    deps.reach('run.graded');
    const { repositoryId, attemptBase: from, candidate: to } = order;
    const patchId = order.reviewed ? await deps.git.patchId({ repositoryId, from, to }) : null;
    await record(deps, () => recordVerdict(deps, order, verdict, patchId), shutdown);
  } catch (error) {
    // Told to stop or fenced: whoever comes next takes the run over.
    if (lease.ended && !shutdown.aborted) return;
    deps.log.error({ err: error, run: order.runId }, 'a verification could not be carried out');
    await record(deps, () => giveBack(deps, order, (error as Error).message), shutdown);
  } finally {
    lease.stop();
  }
}

function claimRun(
  deps: VerifierDeps,
  job: { readonly planId: string; readonly runId: string },
): Promise<RunOrder | null> {
  return onPlan(deps, job.planId, async (tx) => {
    const run = await tx.run(job.runId);
    if (run === null) return null;
    const expired = await tx.leaseExpired({ entity: 'run', id: run.id });
    if (expired && runIsHopeless(run)) {
      const state = await loadRun(tx, run);
      const message = `the verifier died ${run.token} times over this commit`;
      await tx.apply(decideRunFailed(state, message, deps.ids.random()), deps.systemActorId);
      return null;
    }
    const decision = decideClaimRun(tx.plan, run, expired);
    if (decision === null) return null;
    await tx.apply(decision, deps.systemActorId);
    const brief = await tx.brief(run.taskId);
    return {
      planId: tx.plan.id,
      runId: run.id,
      token: run.token + 1,
      repositoryId: tx.plan.repositoryId,
      planBase: tx.plan.baseCommit,
      attemptBase: run.baseCommit,
      candidate: run.commit,
      specText: brief.specYaml,
      specHash: brief.specHash,
      mayChange: brief.mayChange,
      scope: brief.pinned?.constraints ?? null,
      task: { number: (await tx.task(run.taskId)).number, supersedes: brief.supersedes },
      reviewed:
        run.integrationId === null && run.commit !== run.baseCommit && needsReview(tx.plan, brief.approval),
      setup: brief.setup,
    };
  });
}

/** Leaves the run to another verifier, or, after too many of them, to the cap of its failure. */
function giveBack(deps: EngineDeps, order: RunOrder, message: string): Promise<unknown> {
  return onPlan(deps, order.planId, async (tx) => {
    const run = await tx.run(order.runId);
    if (run === null || run.status !== 'running' || run.token !== order.token) return;
    const decision = runIsHopeless(run)
      ? decideRunFailed(await loadRun(tx, run), `it could not be verified: ${message}`, deps.ids.random())
      : decideRunReturned(tx.plan, run);
    await tx.apply(decision, deps.systemActorId);
  });
}

function recordVerdict(
  deps: EngineDeps,
  order: RunOrder,
  verdict: Verdict,
  patchId: string | null,
): Promise<unknown> {
  return onPlan(deps, order.planId, async (tx) => {
    const run = await tx.run(order.runId);
    if (run === null || run.status !== 'running' || run.token !== order.token) return;
    const { specHash, mayChange } = order;
    const state = { ...(await loadRun(tx, run)), patchId, judgedUnder: { specHash, mayChange } };
    const decision = decideVerdict(
      state,
      verdict,
      isUnverified(verdict),
      () => deps.ids.next(),
      deps.ids.random(),
    );
    await tx.apply(decision, deps.systemActorId);
  });
}

/** A verdict in which nothing turned proves nothing about the task: no spec, or only guards. */
export function isUnverified(verdict: Verdict): boolean {
  return !verdict.items.some((item) => item.turned);
}

async function loadRun(tx: PlanTx, run: RunState): Promise<Omit<VerdictState, 'patchId' | 'judgedUnder'>> {
  const attempt = await requireAttempt(tx, run.attemptId);
  const lane = await tx.lane();
  return {
    slice: await tx.slice(run.taskId),
    attempt,
    run,
    integration: run.integrationId === null ? null : await tx.integration(run.integrationId),
    changed: run.commit !== run.baseCommit,
    laneFree: lane.holder === null && lane.next === null,
    nextInLane: lane.next,
  };
}

async function requireAttempt(tx: PlanTx, id: string): Promise<AttemptState> {
  const attempt = await tx.attempt(id);
  if (attempt === null) throw new Error(`attempt ${id} of a verification run is gone`);
  return attempt;
}
