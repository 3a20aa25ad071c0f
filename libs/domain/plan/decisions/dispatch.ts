import { DecisionBuilder, type Decision } from '../decision.js';
import { dealSlots, pickTasks, type Claimant } from '../schedule.js';
import type { PhaseState, PlanState, TaskState, WrittenBy } from '../state.js';
import { startedEvent, type AttemptPin } from './execution.js';

/** When a wait is over. Exactly one of `seconds`, `until` and `event` is given. */
export interface WaitTerms {
  readonly seconds: number | null;
  /** ISO 8601, with its offset. */
  readonly until: string | null;
  readonly event: string | null;
  /** After this, a wait for an event has failed; null: it waits for ever. */
  readonly timeoutSeconds: number | null;
}

export interface ReadyTask {
  readonly task: TaskState;
  readonly phase: PhaseState;
  /** Of a task whose executor is `wait`; else null. */
  readonly wait: WaitTerms | null;
  /** Of a task that changes nothing, that a worker carries out, and that needs no checkout; else null. */
  readonly step: ReadyStep | null;
}

/** What a worker needs to carry out a task that changes nothing. */
export interface ReadyStep {
  readonly prompt: string;
  /** As it is stored. */
  readonly executor: unknown;
  /** Who wrote it. */
  readonly writtenBy: WrittenBy;
}

/** Slots of the worker in whose transaction this is decided: steps begin in them at once, without a delivery. */
export interface OwnSlots {
  readonly slots: number;
  pin(task: TaskState, step: ReadyStep, attemptId: string, number: number): AttemptPin;
}

export interface DispatchState {
  readonly plan: PlanState;
  /** The database's clock. */
  readonly now: Date;
  /**
   * Ready tasks whose time has come, in order of phase and number: every one that waits, and of the others at least as
   * many as there are free slots. An external task is among them only while it has to ask for its
   * approval, or while nobody has been told that it waits for a claim.
   */
  readonly ready: readonly ReadyTask[];
  readonly activeScopes: readonly (readonly string[])[];
  /** Attempts of the plan that wait for a worker. */
  readonly unclaimed: number;
  /** The running phase, when nothing is open in it, or all that is open is blocked or waits for what is. */
  readonly stuckPhase: PhaseState | null;
  /** Free slots under the limits that this plan shares with others; null: there is no such limit. */
  readonly limit: number | null;
  /** Other plans under that limit that could use a slot now. */
  readonly rivals: readonly Claimant[];
}

/**
 * Attempts of one plan that wait on the queue at a time: enough to wake workers. What a claim takes from them, its own
 * dispatch makes good; the rest of the window stays rows.
 */
const QUEUE_DEPTH = 8;

/**
 * Gives the plan's free slots to ready tasks. Where a person has to let a task start, it asks for that instead; a task
 * that waits needs no slot and no worker; an external one stays until somebody claims it, and people are told once.
 */
export function decideDispatch(
  state: DispatchState,
  newId: () => string,
  own: OwnSlots | null = null,
): Decision {
  const builder = new DecisionBuilder(state.plan);
  if (state.plan.status !== 'running') return builder.done();
  const mayRun: ReadyTask[] = [];
  for (const entry of state.ready) {
    const { task, phase, wait } = entry;
    if (asksFirst(task, phase)) {
      builder
        .moveTask(task, 'awaiting_approval')
        .event('task.awaiting_approval', { task: task.number, title: task.title });
    } else if (wait !== null) beginWait(builder, task, wait, state.now);
    else if (task.executorKind === 'external') announce(builder, task);
    else mayRun.push(entry);
  }
  let begun = 0;
  let queued = state.unclaimed;
  for (const { task, step } of pickWithin(state, mayRun)) {
    if (step !== null && own !== null && begun < own.slots) {
      beginStep(builder, state.plan, task, step, newId(), own);
      begun += 1;
    } else if (queued < QUEUE_DEPTH) {
      queue(builder, task, newId());
      queued += 1;
    } else break;
  }
  return builder.done();
}

/**
 * The window is the plan's, the phase's where that is smaller, and the plan's share of what it has in common with
 * others. Phases are barriers: the plan's active tasks are those of the phase whose tasks are ready.
 */
function pickWithin(state: DispatchState, mayRun: readonly ReadyTask[]): ReadyTask[] {
  const { plan, limit, rivals, activeScopes } = state;
  const inPhase = mayRun[0]?.phase.concurrency ?? plan.concurrency;
  const free = Math.min(plan.concurrency, inPhase) - plan.activeTasks;
  const slots = limit === null ? free : Math.min(free, shareOf(plan, free, limit, rivals));
  const entries = new Map(mayRun.map((entry) => [entry.task.id, entry]));
  const picked = pickTasks(
    mayRun.map((entry) => entry.task),
    { slots, activeScopes },
  );
  return picked.flatMap(({ id }) => entries.get(id) ?? []);
}

function queue(builder: DecisionBuilder, task: TaskState, id: string): void {
  const number = task.attemptCount + 1;
  builder.moveTask(task, 'queued', { attemptCount: number });
  builder.add({ entity: 'new_attempt', id, taskId: task.id, number });
  builder.deliver('execute', id, 1);
}

/** Made and claimed at once. */
function beginStep(
  builder: DecisionBuilder,
  plan: PlanState,
  task: TaskState,
  step: ReadyStep,
  id: string,
  own: OwnSlots,
): void {
  const number = task.attemptCount + 1;
  const pin = own.pin(task, step, id, number);
  builder.moveTask(task, 'queued', { attemptCount: number });
  builder.moveTask({ ...task, status: 'queued' }, 'executing', { attemptCount: number });
  builder.add({
    entity: 'new_attempt',
    id,
    taskId: task.id,
    number,
    status: 'running',
    leased: true,
    baseCommit: plan.tipCommit,
    ...pin,
  });
  builder.event('attempt.started', startedEvent(plan, task, number));
}

/** What rivals would not take is the plan's: a slot never stays free for somebody who cannot use it. */
function shareOf(plan: PlanState, wants: number, limit: number, rivals: readonly Claimant[]): number {
  const { id, priority, activeTasks: active } = plan;
  return dealSlots(limit, [...rivals, { id, priority, active, wants }]).get(id) ?? 0;
}

function announce(builder: DecisionBuilder, task: TaskState): void {
  builder
    .add({ entity: 'announce', taskId: task.id })
    .event('task.awaiting_claim', { task: task.number, title: task.title });
}

function beginWait(builder: DecisionBuilder, task: TaskState, wait: WaitTerms, now: Date): void {
  const ms = waitingMs(wait, now);
  builder.moveTask(task, 'waiting', ms === null ? {} : { notBeforeMs: ms });
  builder.event('task.waiting', {
    task: task.number,
    title: task.title,
    event: wait.event,
    until: ms === null ? null : new Date(now.getTime() + ms).toISOString(),
  });
}

/** Null: only an event ends it. */
function waitingMs({ seconds, until, timeoutSeconds }: WaitTerms, now: Date): number | null {
  if (until !== null) return Math.max(0, Date.parse(until) - now.getTime());
  const limit = seconds ?? timeoutSeconds;
  return limit === null ? null : limit * 1_000;
}

function asksFirst(task: TaskState, { approval }: PhaseState): boolean {
  return (approval === 'before_task' || approval === 'both') && task.approvedAt === null;
}
