import {
  ASSIGNMENT_MACHINE,
  movesAssignment,
  type ActiveAssignment,
  type AssignmentStatus,
} from '../assignments/assignment.machine.js';
import { ATTEMPT_MACHINE, type AttemptStatus } from './attempt.machine.js';
import type { DeliverySet, OpenDelivery } from './delivery.js';
import { DELIVERY_MACHINE, type DeliveryStatus } from './delivery.machine.js';
import { INTEGRATION_MACHINE, type IntegrationStatus } from './integration.machine.js';
import { allows, type Machine } from './machine.js';
import { noticesOf, type NotifyEffect } from './notices.js';
import { PHASE_DONE, PHASE_MACHINE, type PhaseStatus } from './phase.machine.js';
import { PLAN_MACHINE, type PlanStatus } from './plan.machine.js';
import type {
  AttemptState,
  IntegrationState,
  LeasedState,
  PhaseState,
  PlanState,
  RunState,
  TaskState,
} from './state.js';
import { TASK_ACTIVE, TASK_ENDED, TASK_MACHINE, type TaskStatus } from './task.machine.js';
import { RUN_MACHINE, type RunStatus } from './verification-run.machine.js';

import type {
  AttemptSet,
  Change,
  DirectChange,
  Guard,
  IntegrationSet,
  PlanSet,
  RunSet,
  TaskSet,
} from './change.js';

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
    if (typeof task.assigneeId === 'string' && movesAssignment(to))
      this.changes.push({ entity: 'follow_task', taskId: task.id });
    return this;
  }

  moveAssignment({ id, status }: ActiveAssignment, to: AssignmentStatus): this {
    check(ASSIGNMENT_MACHINE, 'assignment', status, to);
    this.changes.push({ entity: 'assignment', id, from: status, to });
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
