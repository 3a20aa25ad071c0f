import type { JudgedUnder } from '../change.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import type { Failure } from '../retry.js';
import type { AttemptState, IntegrationState, PlanState, RunState } from '../state.js';
import { PROTECTED_PATH_RULE, SCOPE_RULE } from '../../spec/spec.js';
import { breaksContract } from '../../spec/standing-contracts.js';
import type { Verdict } from '../../spec/verdict.js';
import { needsReview } from './review.js';
import {
  completeTask,
  passLane,
  settleCandidate,
  settlePause,
  type LaneWaiter,
  type TaskSlice,
} from './settle.js';

/**
 * A verifier takes the run, or takes it over from one whose lease ended. Null: there is nothing to claim.
 * Runs go on while a plan pauses.
 */
export function decideClaimRun(plan: PlanState, run: RunState, leaseExpired: boolean): Decision | null {
  const claimable = run.status === 'queued' || (run.status === 'running' && leaseExpired);
  if (!claimable || run.epoch !== plan.epoch) return null;
  return new DecisionBuilder(plan).moveRun(run, 'running', 'take').done();
}

export interface VerdictState {
  readonly slice: TaskSlice;
  readonly attempt: AttemptState;
  readonly run: RunState;
  /** What the verdict was taken under. */
  readonly judgedUnder: JudgedUnder;
  /** The integration that asked for this run, where one did. */
  readonly integration: IntegrationState | null;
  /** Whether the candidate has a commit of its own. */
  readonly changed: boolean;
  /** The patch-id of the candidate, where a person is asked to let it onto the branch. */
  readonly patchId: string | null;
  /** Whether the lane is free, so that a new integration can be delivered at once. */
  readonly laneFree: boolean;
  /** The integration that waits longest for the lane. */
  readonly nextInLane: LaneWaiter | null;
}

/** Verifiers that may die over one run before it counts as a fault of the machine. */
const MAX_RUN_CLAIMS = 5;

/** Whether a run whose lease ended has had its chances. */
export function runIsHopeless(run: RunState): boolean {
  return run.token >= MAX_RUN_CLAIMS;
}

/** The verifier could not carry the run out: another one tries. */
export function decideRunReturned(plan: PlanState, run: RunState): Decision {
  return new DecisionBuilder(plan)
    .moveRun(run, 'queued', 'clear')
    .deliver('verify', run.id, run.deliveries + 1)
    .done();
}

/** The run ended without a verdict: the attempt is repeated, under the cap of its failure. */
export function decideRunFailed(
  state: Pick<VerdictState, 'slice' | 'attempt' | 'run' | 'integration' | 'nextInLane'>,
  message: string,
  jitter: number,
): Decision {
  const { slice, attempt, run, integration } = state;
  const builder = new DecisionBuilder(slice.plan);
  const failure = 'infrastructure';
  builder.moveRun(run, 'errored', 'clear').moveAttempt(attempt, 'errored', 'clear', { failure, message });
  if (integration !== null) builder.moveIntegration(integration, 'errored', 'clear', { message });
  builder.event('attempt.failed', { task: slice.task.number, attempt: attempt.number, failure, message });
  settleCandidate(builder, slice, attempt, { failure, message }, jitter);
  if (integration !== null) passLane(builder, state.nextInLane);
  return builder.done();
}

const RUN_STATUS = {
  pass: 'passed',
  satisfied: 'passed',
  fail: 'failed',
  inconclusive: 'inconclusive',
} as const;

/** The verdict of a run becomes a fact: the candidate goes on, back, or to a person. */
export function decideVerdict(
  state: VerdictState,
  verdict: Verdict,
  unverified: boolean,
  newId: () => string,
  jitter: number,
): Decision {
  const { slice, attempt, run, integration, judgedUnder } = state;
  const builder = new DecisionBuilder(slice.plan);
  builder.moveRun(run, RUN_STATUS[verdict.outcome], 'clear', { verdict, judgedUnder });
  builder.event('attempt.verified', {
    task: slice.task.number,
    attempt: attempt.number,
    commit: run.commit,
    rebased: integration !== null,
    outcome: verdict.outcome,
    summary: verdict.summary,
    violations: verdict.violations.slice(0, 10),
  });
  if (verdict.outcome === 'fail' || verdict.outcome === 'inconclusive') {
    reject(builder, state, verdict, jitter);
  } else if (integration !== null) {
    builder.moveIntegration(integration, 'verified', 'clear');
    builder.deliver('integrate', integration.id, integration.deliveries + 1);
  } else {
    accept(builder, state, verdict, unverified, newId);
  }
  return builder.done();
}

function accept(
  builder: DecisionBuilder,
  state: VerdictState,
  verdict: Verdict,
  unverified: boolean,
  newId: () => string,
): void {
  const { slice, attempt } = state;
  builder.moveAttempt(attempt, 'passed', 'clear', state.patchId === null ? {} : { patchId: state.patchId });
  if (!state.changed) {
    // Nothing to integrate: an earlier commit did the work, or the task had none to do.
    const to = verdict.outcome === 'satisfied' ? 'satisfied' : 'completed';
    completeTask(builder, slice, to, { commitSha: null, verified: !unverified });
    return;
  }
  const candidateCommit = attempt.candidateCommit ?? state.run.commit;
  if (needsReview(slice.plan, slice.phase.approval)) {
    const { number: task, title } = slice.task;
    builder.moveTask(slice.task, 'awaiting_review');
    const shown = { commit: candidateCommit, patch: state.patchId, rebased: false };
    builder.event('task.awaiting_review', { task, title, ...shown });
    settlePause(builder);
    return;
  }
  const id = newId();
  builder.moveTask(slice.task, 'integrating');
  builder.add({
    entity: 'new_integration',
    id,
    taskId: slice.task.id,
    attemptId: attempt.id,
    candidateCommit,
  });
  if (state.laneFree) builder.deliver('integrate', id, 1);
}

function reject(builder: DecisionBuilder, state: VerdictState, verdict: Verdict, jitter: number): void {
  const { slice, attempt, integration } = state;
  const failure = failureOf(verdict);
  const to = failure === 'inconclusive' ? 'inconclusive' : 'rejected';
  const violations = verdict.blocking;
  builder.moveAttempt(attempt, to, 'clear', {
    failure,
    message: verdict.summary,
    ...(to === 'rejected' ? { violationCount: violations } : {}),
  });
  if (integration !== null)
    builder.moveIntegration(integration, 'rejected', 'clear', { message: verdict.summary });
  const facts = to === 'rejected' ? { violations } : {};
  settleCandidate(builder, slice, attempt, { failure, message: verdict.summary }, jitter, facts);
  if (integration !== null) passLane(builder, state.nextInLane);
}

function failureOf(verdict: Verdict): Failure {
  if (verdict.outcome === 'inconclusive') return 'inconclusive';
  if (verdict.violations.some((violation) => violation.rule === PROTECTED_PATH_RULE)) return 'protected_path';
  if (verdict.violations.some((violation) => violation.rule === SCOPE_RULE)) return 'scope_exceeded';
  return breaksContract(verdict) ? 'contract_breached' : 'verification_failed';
}
