import type { DecisionBuilder } from '../decision.js';
import type { TaskSet } from '../change.js';
import type { PauseReason } from '../plan.machine.js';
import { decideRetry, type Failure } from '../retry.js';
import type { AttemptFailure, AttemptState, PhaseState, PlanState, QueuedTask, TaskState } from '../state.js';

/** What every decision that ends an attempt looks at. */
export interface TaskSlice {
  readonly plan: PlanState;
  readonly phase: PhaseState;
  readonly task: TaskState;
  /** Failures of the task's ended attempts, oldest first, without the one being decided. */
  readonly failures: readonly Failure[];
  /** Blocking violations of those of them that a verdict rejected, oldest first. */
  readonly violationCounts: readonly number[];
  /** Tasks with a slot that no worker has claimed: a pause takes the slots back. */
  readonly queued: readonly QueuedTask[];
  /** The pending phase that follows, if any. */
  readonly nextPhase: PhaseState | null;
}

/** An integration that waits for the lane. */
export interface LaneWaiter {
  readonly id: string;
  readonly deliveries: number;
}

/** The lane is free again: the next integration is delivered. */
export function passLane(builder: DecisionBuilder, next: LaneWaiter | null): void {
  if (next !== null) builder.deliver('integrate', next.id, next.deliveries + 1);
}

/** The task is done: dependants, phase and plan follow. */
export function completeTask(
  builder: DecisionBuilder,
  slice: TaskSlice,
  to: 'completed' | 'satisfied',
  set: TaskSet,
): void {
  finishTask(builder, slice.task, to, set);
  leavePhase(builder, slice);
  settlePause(builder);
}

/** The task has ended. After the last of its phase, a reviewer is asked, or the phase is completed. */
export function leavePhase(builder: DecisionBuilder, slice: TaskSlice): void {
  const { phase } = slice;
  if (phase.openTasks !== 1) return;
  if (phase.status === 'pending') return skipPhase(builder, slice);
  endPhase(builder, slice);
}

/** What a phase is in which nothing is open any more. */
type EndedPhase = Pick<TaskSlice, 'plan' | 'phase' | 'nextPhase' | 'queued'>;

/** Nothing of a running phase is open: a reviewer is asked, or it is completed. */
export function endPhase(builder: DecisionBuilder, slice: EndedPhase): void {
  const { phase } = slice;
  if (phase.atEnd !== 'approve') return completePhase(builder, slice);
  builder
    .movePhase(phase, 'awaiting_approval')
    .event('phase.awaiting_approval', { phase: phase.position, name: phase.name });
}

/** The phase is done: the next one opens, or the plan pauses before it, or there is none and the plan is completed. */
export function completePhase(builder: DecisionBuilder, slice: EndedPhase): void {
  const { plan, phase, nextPhase } = slice;
  builder.movePhase(phase, 'completed').event('phase.completed', { phase: phase.position, name: phase.name });
  if (nextPhase === null) completePlan(builder, plan);
  else if (phase.atEnd === 'pause') {
    const note = `Phase ${phase.position} "${phase.name}" is done; resume to start phase ${nextPhase.position} "${nextPhase.name}".`;
    pausePlan(builder, slice.queued, 'after_phase', note);
  } else openPhase(builder, nextPhase);
}

/** Every task of a phase that has not begun was skipped: it could never end. */
function skipPhase(builder: DecisionBuilder, { plan, phase }: TaskSlice): void {
  builder.movePhase(phase, 'skipped').event('phase.skipped', { phase: phase.position, name: phase.name });
  if (builder.openPhases === 0) completePlan(builder, plan);
}

/** Every phase has ended. */
export function completePlan(builder: DecisionBuilder, plan: PlanState): void {
  builder.movePlan('completed').event('plan.completed', { branch: plan.branch });
}

/** The task is done, and its dependants wait for one less. A note is a person's, who completed it by hand. */
export function finishTask(
  builder: DecisionBuilder,
  task: TaskState,
  to: 'completed' | 'satisfied',
  set: TaskSet,
): void {
  builder.moveTask(task, to, set);
  builder.event(`task.${to}`, {
    task: task.number,
    title: task.title,
    commit: set.commitSha ?? null,
    verified: set.verified,
    ...(set.note === undefined ? {} : { note: set.note }),
  });
  builder.add({ entity: 'release_dependants', taskId: task.id });
}

/** The barrier before a phase opens. */
export function openPhase(builder: DecisionBuilder, phase: PhaseState): void {
  builder
    .movePhase(phase, 'running')
    .add({ entity: 'release_phase', phaseId: phase.id })
    .event('phase.started', { phase: phase.position, name: phase.name, mode: phase.mode });
}

/** What else is known of a failure. */
export interface FailureFacts {
  /** Blocking violations, where a verdict rejected the attempt. */
  readonly violations?: number;
  /** The next attempt starts no sooner. */
  readonly minDelayMs?: number;
  /** What a person says about it: the next attempt is told. */
  readonly note?: string;
}

/** The attempt is over without success: the task is tried again, or the plan waits for a person. */
export function settleFailure(
  builder: DecisionBuilder,
  slice: TaskSlice,
  failure: Failure,
  message: string,
  jitter: number,
  { violations, minDelayMs, note }: FailureFacts = {},
): void {
  const { task, violationCounts } = slice;
  const history = {
    failures: [...slice.failures, failure],
    maxAttempts: task.maxAttempts,
    violationCounts: violations === undefined ? violationCounts : [...violationCounts, violations],
  };
  const next = decideRetry(history, jitter, minDelayMs);
  const set = note === undefined ? {} : { note };
  if (next.kind === 'retry') {
    builder.moveTask(task, 'ready', { ...set, notBeforeMs: next.delayMs });
    builder.event('task.retrying', { task: task.number, failure, delayMs: next.delayMs });
  } else if (next.kind === 'park') {
    builder.moveTask(task, 'ready', set);
    builder.event('task.parked', { task: task.number, failure, reason: message });
    pausePlan(builder, slice.queued, 'budget', `Task ${slice.plan.number}.${task.number}: ${message}`);
  } else if (next.kind === 'give_up') {
    builder.moveTask(task, 'failed', set);
    builder.event('task.failed', { task: task.number, title: task.title, failure, reason: next.reason });
    pausePlan(
      builder,
      slice.queued,
      pauseReasonOf(failure),
      `Task ${slice.plan.number}.${task.number}: ${next.reason}. ${message}`,
    );
  } else {
    builder.moveTask(task, 'failed', set);
    builder.event('task.failed', { task: task.number, title: task.title, failure, reason: message });
    pausePlan(
      builder,
      slice.queued,
      PAUSES_FOR[failure] ?? 'spec',
      `Task ${slice.plan.number}.${task.number}: ${message}`,
    );
  }
  settlePause(builder);
}

/**
 * The candidate of an attempt does not do. A person's is not repeated by itself: an external task waits for the next to
 * take it, any other one for a decision. An inconclusive one is the spec's fault, whoever made it.
 */
export function settleCandidate(
  builder: DecisionBuilder,
  slice: TaskSlice,
  attempt: AttemptState,
  { failure, message }: AttemptFailure,
  jitter: number,
  facts: FailureFacts = {},
): void {
  const { plan, task } = slice;
  if (!attempt.byHand || failure === 'inconclusive')
    return settleFailure(builder, slice, failure, message, jitter, facts);
  const note = facts.note ?? `What was handed in did not do (${failure.replaceAll('_', ' ')}): ${message}`;
  if (task.executorKind === 'external') {
    builder.moveTask(task, 'ready', { note });
    builder.event('task.retrying', { task: task.number, failure, delayMs: 0 });
  } else {
    builder.moveTask(task, 'failed', { note });
    builder.event('task.failed', { task: task.number, title: task.title, failure, reason: note });
    pausePlan(builder, slice.queued, pauseReasonOf(failure), `Task ${plan.number}.${task.number}: ${note}`);
  }
  settlePause(builder);
}

/** What a failure that pauses at once pauses for, where that is not the spec. */
const PAUSES_FOR: { readonly [F in Failure]?: PauseReason } = {
  needs_replan: 'needs_replan',
  unconfigured: 'task_failed',
};

/** Of a task that failed for good. */
function pauseReasonOf(failure: Failure): PauseReason {
  return failure === 'contract_breached' ? failure : 'task_failed';
}

/**
 * Stops new claims. What runs goes on to its end; queued tasks give their slots back. A plan that is already
 * pausing keeps its first reason.
 */
export function pausePlan(
  builder: DecisionBuilder,
  queued: readonly QueuedTask[],
  pauseReason: PauseReason,
  pauseNote: string | null,
): void {
  if (builder.planStatus !== 'running') return;
  for (const { task, attempt } of queued) {
    builder.moveAttempt(attempt, 'cancelled', 'clear', {
      failure: 'cancelled',
      message: 'the plan paused before it started',
    });
    builder.moveTask(task, 'ready');
  }
  builder.movePlan('pausing', { pauseReason, pauseNote });
  builder.event('plan.pausing', { reason: pauseReason, note: pauseNote });
  settlePause(builder);
}

/** A pausing plan is paused once nothing is in flight. */
export function settlePause(builder: DecisionBuilder): void {
  if (builder.planStatus === 'pausing' && builder.activeTasks === 0)
    builder.movePlan('paused').event('plan.paused');
}

/** What a plan pauses for by itself and a person can mend at one task. */
const MENDED_AT_A_TASK: readonly (PauseReason | null)[] = [
  'task_failed',
  'contract_breached',
  'spec',
  'approval',
];

/**
 * A person mended a task: a plan that waits only for this goes on.
 *
 * @param othersFailed whether other tasks of the plan failed for good
 */
export function goOn(builder: DecisionBuilder, plan: PlanState, othersFailed: boolean): void {
  const rests = builder.planStatus === 'paused' || builder.planStatus === 'pausing';
  if (othersFailed || !rests || !MENDED_AT_A_TASK.includes(plan.pauseReason)) return;
  builder.movePlan('running').event('plan.resumed');
}

/** A person put work under way in a paused plan: it comes to its end, and nothing else begins. */
export function rouse(builder: DecisionBuilder, plan: PlanState): void {
  if (builder.planStatus !== 'paused' || builder.activeTasks === 0) return;
  builder.movePlan('pausing').event('plan.pausing', { reason: plan.pauseReason, note: null });
}
