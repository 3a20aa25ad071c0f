import type { DecisionBuilder, TaskSet } from '../decision.js';
import type { PauseReason } from '../plan.machine.js';
import { decideRetry, type Failure } from '../retry.js';
import type { PhaseState, PlanState, QueuedTask, TaskState } from '../state.js';

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
  const { task, phase, nextPhase } = slice;
  finishTask(builder, task, to, set);
  if (phase.openTasks === 1) {
    builder
      .movePhase(phase, 'completed')
      .event('phase.completed', { phase: phase.position, name: phase.name });
    if (nextPhase !== null) openPhase(builder, nextPhase);
    else builder.movePlan('completed').event('plan.completed', { branch: slice.plan.branch });
  }
  settlePause(builder);
}

/** The task is done, and its dependants wait for one less. */
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
}

/** The attempt is over without success: the task is tried again, or the plan waits for a person. */
export function settleFailure(
  builder: DecisionBuilder,
  slice: TaskSlice,
  failure: Failure,
  message: string,
  jitter: number,
  { violations, minDelayMs }: FailureFacts = {},
): void {
  const { task, violationCounts } = slice;
  const history = {
    failures: [...slice.failures, failure],
    maxAttempts: task.maxAttempts,
    violationCounts: violations === undefined ? violationCounts : [...violationCounts, violations],
  };
  const next = decideRetry(history, jitter, minDelayMs);
  if (next.kind === 'retry') {
    builder.moveTask(task, 'ready', { notBeforeMs: next.delayMs });
    builder.event('task.retrying', { task: task.number, failure, delayMs: next.delayMs });
  } else if (next.kind === 'give_up') {
    builder.moveTask(task, 'failed');
    builder.event('task.failed', { task: task.number, title: task.title, failure, reason: next.reason });
    pausePlan(
      builder,
      slice.queued,
      'task_failed',
      `Task ${slice.plan.number}.${task.number}: ${next.reason}. ${message}`,
    );
  } else {
    builder.moveTask(task, 'failed');
    builder.event('task.failed', { task: task.number, title: task.title, failure, reason: message });
    const reason = failure === 'needs_replan' ? 'needs_replan' : 'spec';
    pausePlan(builder, slice.queued, reason, `Task ${slice.plan.number}.${task.number}: ${message}`);
  }
  settlePause(builder);
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
