import { ATTEMPT_MACHINE, type AttemptStatus } from './attempt.machine.js';
import type { DeliveryChange, DeliverySet, NewDelivery, OpenDelivery } from './delivery.js';
import { DELIVERY_MACHINE, type DeliveryStatus } from './delivery.machine.js';
import { INTEGRATION_MACHINE, type IntegrationStatus } from './integration.machine.js';
import { allows, type Machine } from './machine.js';
import { noticesOf, type NotifyEffect } from './notices.js';
import { PHASE_DONE, PHASE_MACHINE, type PhaseStatus } from './phase.machine.js';
import { PLAN_MACHINE, type PauseReason, type PlanStatus } from './plan.machine.js';
import type { Failure } from './retry.js';
import type {
  ArchiveRequest,
  ArchiveSeal,
  AttemptState,
  ExecutorKind,
  IntegrationState,
  LeasedState,
  PhaseState,
  PlanState,
  RunState,
  TaskState,
  WrittenBy,
} from './state.js';
import type { Strength } from '../spec/strength.js';
import { TASK_ACTIVE, TASK_ENDED, TASK_MACHINE, type TaskStatus } from './task.machine.js';
import { RUN_MACHINE, type RunStatus } from './verification-run.machine.js';

/** Columns that a status change may set along with it. */
export interface PlanSet {
  readonly epoch?: number;
  readonly pauseReason?: PauseReason | null;
  readonly pauseNote?: string | null;
  /** Who asked for the archive and why; what it holds, once it is stored. */
  readonly archive?: ArchiveRequest | ArchiveSeal;
}
export interface TaskSet {
  readonly notBeforeMs?: number;
  readonly attemptCount?: number;
  /** Null: nobody let it start, or its diff onto the branch, any more. */
  readonly approvedBy?: string | null;
  /** Attempts up to this number no longer count. */
  readonly retryBase?: number;
  readonly prompt?: string;
  /** The executor as it is stored, and who wrote it. */
  readonly executor?: { readonly kind: ExecutorKind };
  readonly writtenBy?: WrittenBy;
  readonly note?: string | null;
  readonly approvedPatch?: string | null;
  readonly commitSha?: string | null;
  readonly verified?: boolean | null;
}
export interface AttemptSet {
  readonly baseCommit?: string;
  readonly specHash?: string | null;
  readonly input?: unknown;
  readonly inputHash?: string;
  /** Null, as for the two below: its verdict is open again. */
  readonly failure?: Failure | null;
  readonly message?: string | null;
  readonly candidateCommit?: string;
  readonly patchId?: string | null;
  readonly output?: string;
  /** JSON that the executor reported. */
  readonly result?: unknown;
  /** Blocking violations of the verdict that rejected it. */
  readonly violationCount?: number | null;
  /** How its processes were isolated. */
  readonly sandbox?: string;
}
export interface RunSet {
  readonly verdict?: unknown;
}
export interface IntegrationSet {
  readonly ontoCommit?: string;
  readonly resultCommit?: string;
  readonly patchId?: string;
  readonly message?: string;
  readonly intent?: { readonly token: number; readonly oldTip: string; readonly newTip: string };
}

/**
 * One guarded write. The store turns each into `UPDATE … WHERE id AND status = from AND token AND epoch`;
 * zero rows means that somebody else was first, and the whole decision is dropped.
 */
export type Change =
  | { readonly entity: 'plan'; readonly from: PlanStatus; readonly to: PlanStatus; readonly set: PlanSet }
  | { readonly entity: 'tip'; readonly from: string; readonly to: string }
  | { readonly entity: 'phase'; readonly id: string; readonly from: PhaseStatus; readonly to: PhaseStatus }
  | {
      readonly entity: 'task';
      readonly id: string;
      readonly from: TaskStatus;
      readonly to: TaskStatus;
      readonly set: TaskSet;
    }
  | ({
      readonly entity: 'attempt';
      readonly from: AttemptStatus;
      readonly to: AttemptStatus;
      readonly set: AttemptSet;
    } & Guard)
  | ({
      readonly entity: 'run';
      readonly from: RunStatus;
      readonly to: RunStatus;
      readonly set: RunSet;
    } & Guard)
  | ({
      readonly entity: 'integration';
      readonly from: IntegrationStatus;
      readonly to: IntegrationStatus;
      readonly set: IntegrationSet;
    } & Guard)
  | DeliveryChange
  | NewAttempt
  | {
      readonly entity: 'new_run';
      readonly id: string;
      readonly taskId: string;
      readonly attemptId: string;
      readonly integrationId: string | null;
      readonly commit: string;
      readonly baseCommit: string;
    }
  | {
      readonly entity: 'new_integration';
      readonly id: string;
      readonly taskId: string;
      readonly attemptId: string;
      readonly candidateCommit: string;
    }
  /** An event from outside, in the name of whoever applies the decision. One that is there already meets the guard. */
  | { readonly entity: 'new_signal'; readonly name: string; readonly data: unknown }
  /** Every task that waits and has no attempt under way is cancelled. */
  | { readonly entity: 'cancel_waiting' }
  /** Tasks of a phase that wait for nothing become ready. */
  | { readonly entity: 'release_phase'; readonly phaseId: string }
  /** One dependency of every dependant is met; those of running phases that wait for nothing more become ready. */
  | { readonly entity: 'release_dependants'; readonly taskId: string }
  /**
   * The task was skipped and its work is missing: every dependant that is pending, ready or awaits its approval
   * becomes blocked, and so do, in turn, the dependants of each that it blocks.
   */
  | { readonly entity: 'block_dependants'; readonly taskId: string }
  /**
   * The missing work counts as done after all. Of the blocked dependants, and in turn the blocked dependants of each of
   * them, those become pending (ready, in a running phase and with no open dependency) that no longer depend on a task
   * that is blocked, or that was skipped and whose work is missing (`verified` is null). `release_dependants` comes
   * before it in a decision.
   */
  | { readonly entity: 'unblock_dependants'; readonly taskId: string }
  /**
   * The plan has a new epoch, and this goes on in it: its open runs, its open integrations, and its attempts that are
   * executed, that passed and whose task has not ended, or that a person has (running, by hand).
   */
  | { readonly entity: 'adopt_epoch' }
  /** People are told that the task waits for somebody to claim it: not again before it has moved. */
  | { readonly entity: 'announce'; readonly taskId: string }
  /** What each task waits for, and what that makes of those that nobody works on, is counted anew. */
  | { readonly entity: 'recount' }
  /**
   * A person's decision about the plan as a whole, in the name of whoever applies it. With a request it is work of a model:
   * it is `queued`, and is delivered by the stage of its kind.
   */
  | {
      readonly entity: 'new_iteration';
      readonly id: string;
      readonly kind: 'rewind' | 'waiver' | 'generate' | 'review';
      readonly summary: string;
      readonly changes: readonly unknown[];
      readonly request?: unknown;
    }
  /** Iterations that models are at fail, and whoever has one changes nothing any more. */
  | { readonly entity: 'end_iterations'; readonly message: string }
  | {
      readonly entity: 'new_rewind';
      readonly id: string;
      readonly lineage: number;
      readonly target: string;
      readonly from: string;
      readonly to: string;
      readonly toSeq: number;
      readonly keepIndependent: boolean;
    }
  | {
      readonly entity: 'end_rewind';
      readonly id: string;
      readonly status: 'done' | 'refused';
      readonly message: string | null;
    }
  /** What an attempt asks a person; `answer_question` is what they say, in the name of whoever applies it. */
  | {
      readonly entity: 'new_question';
      readonly id: string;
      readonly taskId: string;
      readonly attemptId: string;
      readonly question: string;
    }
  | { readonly entity: 'answer_question'; readonly taskId: string; readonly answer: string }
  | NewDelivery
  /** Who the task is assigned to, by name (null: nobody); an actor of kind user is made where none has the name. */
  | { readonly entity: 'assign'; readonly taskId: string; readonly assignedTo: string | null }
  /** What the rules of a completed task would notice of its change; written once per commit. */
  | { readonly entity: 'measured'; readonly taskId: string; readonly strength: Strength }
  | { readonly entity: 'counters'; readonly activeTasks: number; readonly openPhases: number }
  | { readonly entity: 'open_tasks'; readonly phaseId: string; readonly delta: number };

/** A queued attempt; or one that is claimed as it is made, by a worker or a person; or one that a person handed in. */
export interface NewAttempt {
  readonly entity: 'new_attempt';
  readonly id: string;
  readonly taskId: string;
  readonly number: number;
  /** `queued` when absent. */
  readonly status?: 'running' | 'executed';
  /** A worker's claim: it has a lease, and token 1. */
  readonly leased?: boolean;
  readonly byHand?: true;
  readonly actorId?: string;
  readonly baseCommit?: string;
  readonly candidateCommit?: string;
  readonly specHash?: string | null;
  readonly input?: unknown;
  readonly inputHash?: string;
}

/** Changes that no builder's step makes by itself. */
export type DirectChange = Extract<
  Change,
  {
    entity:
      | `new_${string}`
      | `release_${string}`
      | `${string}block_dependants`
      | 'cancel_waiting'
      | 'adopt_epoch'
      | 'announce'
      | 'answer_question'
      | 'measured'
      | 'assign'
      | 'recount'
      | 'end_iterations'
      | 'end_rewind';
  }
>;

export interface Guard {
  readonly id: string;
  readonly token: number;
  /** The epoch of the row, where it may be older than the plan's. */
  readonly epoch?: number;
  /** A claim raises the token and takes the lease; giving up a claim clears it. */
  readonly lease: 'take' | 'keep' | 'clear';
}

/** `judge`: a commit is looked at; nothing of the plan depends on it. `generate`, `review`: iterations of a model. */
export type Stage = 'execute' | 'verify' | 'integrate' | 'judge' | 'generate' | 'review';

/** What happens outside the database, after the commit. */
export type Effect =
  | { readonly kind: 'deliver'; readonly stage: Stage; readonly id: string; readonly delivery: number }
  | { readonly kind: 'publish' }
  /** What of the change from one commit to the next would the task's rules miss? */
  | { readonly kind: 'measure'; readonly taskId: string; readonly from: string; readonly to: string }
  | NotifyEffect;

export interface EventDraft {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Decision {
  readonly changes: readonly Change[];
  readonly events: readonly EventDraft[];
  readonly effects: readonly Effect[];
}

/** Collects a decision. A step that a machine forbids is a bug and throws; counters follow from the steps. */
export class DecisionBuilder {
  private readonly changes: Change[] = [];
  private readonly events: EventDraft[] = [];
  private readonly effects: Effect[] = [];
  private activeDelta = 0;
  private openPhasesDelta = 0;
  private status: PlanStatus;

  /** @param options.endsOldEpoch writes rows of epochs before the plan's, which nobody else may */
  constructor(
    private readonly plan: PlanState,
    private readonly options: { readonly endsOldEpoch?: boolean } = {},
  ) {
    this.status = plan.status;
  }

  /** The plan's status once this decision is applied. */
  get planStatus(): PlanStatus {
    return this.status;
  }

  /** Slots in use once this decision is applied. */
  get activeTasks(): number {
    return this.plan.activeTasks + this.activeDelta;
  }

  /** Phases that have not ended once this decision is applied. */
  get openPhases(): number {
    return this.plan.openPhases + this.openPhasesDelta;
  }

  movePlan(to: PlanStatus, set: PlanSet = {}): this {
    check(PLAN_MACHINE, 'plan', this.status, to);
    this.changes.push({ entity: 'plan', from: this.status, to, set });
    this.status = to;
    return this;
  }

  /** The plan branch moved. */
  moveTip(tipCommit: string): this {
    this.changes.push({ entity: 'tip', from: this.plan.tipCommit, to: tipCommit });
    return this;
  }

  movePhase(phase: PhaseState, to: PhaseStatus): this {
    check(PHASE_MACHINE, 'phase', phase.status, to);
    this.changes.push({ entity: 'phase', id: phase.id, from: phase.status, to });
    this.openPhasesDelta += Number(PHASE_DONE.includes(phase.status)) - Number(PHASE_DONE.includes(to));
    return this;
  }

  moveTask(task: TaskState, to: TaskStatus, set: TaskSet = {}): this {
    check(TASK_MACHINE, 'task', task.status, to);
    this.changes.push({ entity: 'task', id: task.id, from: task.status, to, set });
    this.activeDelta += Number(TASK_ACTIVE.includes(to)) - Number(TASK_ACTIVE.includes(task.status));
    const delta = Number(TASK_ENDED.includes(task.status)) - Number(TASK_ENDED.includes(to));
    if (delta !== 0) this.changes.push({ entity: 'open_tasks', phaseId: task.phaseId, delta });
    return this;
  }

  moveAttempt(attempt: AttemptState, to: AttemptStatus, lease: Guard['lease'], set: AttemptSet = {}): this {
    check(ATTEMPT_MACHINE, 'attempt', attempt.status, to);
    const guard = this.guard(attempt, lease);
    this.changes.push({ entity: 'attempt', ...guard, from: attempt.status, to, set });
    return this;
  }

  moveRun(run: RunState, to: RunStatus, lease: Guard['lease'], set: RunSet = {}): this {
    check(RUN_MACHINE, 'verification run', run.status, to);
    this.changes.push({ entity: 'run', ...this.guard(run, lease), from: run.status, to, set });
    return this;
  }

  moveIntegration(
    integration: IntegrationState,
    to: IntegrationStatus,
    lease: Guard['lease'],
    set: IntegrationSet = {},
  ): this {
    check(INTEGRATION_MACHINE, 'integration', integration.status, to);
    const guard = this.guard(integration, lease);
    this.changes.push({ entity: 'integration', ...guard, from: integration.status, to, set });
    return this;
  }

  /** Gives up its lease. */
  moveDelivery({ id, token, status }: OpenDelivery, to: DeliveryStatus, set: DeliverySet = {}): this {
    check(DELIVERY_MACHINE, 'delivery', status, to);
    this.changes.push({ entity: 'delivery', id, token, from: status, to, set });
    return this;
  }

  add(change: DirectChange): this {
    this.changes.push(change);
    return this;
  }

  event(type: string, payload: Readonly<Record<string, unknown>> = {}): this {
    this.events.push({ type, payload });
    return this;
  }

  deliver(stage: Stage, id: string, delivery: number): this {
    this.effects.push({ kind: 'deliver', stage, id, delivery });
    return this;
  }

  publish(): this {
    this.effects.push({ kind: 'publish' });
    return this;
  }

  measure(taskId: string, from: string, to: string): this {
    this.effects.push({ kind: 'measure', taskId, from, to });
    return this;
  }

  done(): Decision {
    const counters: Change[] =
      this.activeDelta === 0 && this.openPhasesDelta === 0
        ? []
        : [{ entity: 'counters', activeTasks: this.activeDelta, openPhases: this.openPhasesDelta }];
    const effects = [...this.effects, ...noticesOf(this.events)];
    return { changes: [...this.changes, ...counters], events: this.events, effects };
  }

  private guard({ id, token, epoch }: LeasedState, lease: Guard['lease']): Guard {
    return { id, token, lease, ...(this.options.endsOldEpoch ? { epoch } : {}) };
  }
}

function check<S extends string>(machine: Machine<S>, what: string, from: S, to: S): void {
  if (!allows(machine, from, to)) throw new Error(`illegal step of a ${what}: ${from} → ${to}`);
}
