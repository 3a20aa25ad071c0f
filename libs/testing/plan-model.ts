import type { Decision, EventDraft, Effect, Stage } from '#domain/plan/decision.js';
import type { Change, DirectChange } from '#domain/plan/change.js';
import type { OpenWork } from '#domain/plan/decisions/cancel-plan.js';
import type { DispatchState, WaitTerms } from '#domain/plan/decisions/dispatch.js';
import type { LaneWaiter, TaskSlice } from '#domain/plan/decisions/settle.js';
import { INTEGRATION_IN_LANE, INTEGRATION_MACHINE } from '#domain/plan/integration.machine.js';
import { isFinal } from '#domain/plan/machine.js';
import { PHASE_ENDED } from '#domain/plan/phase.machine.js';
import type { Failure } from '#domain/plan/retry.js';
import type {
  AttemptState,
  IntegrationState,
  PhaseState,
  PlanState,
  QueuedTask,
  RunState,
  TaskState,
} from '#domain/plan/state.js';
import { TASK_ACTIVE, TASK_IN_HAND, TASK_WAITING } from '#domain/plan/task.machine.js';
import { RUN_MACHINE } from '#domain/plan/verification-run.machine.js';
import { guard, ModelFenced, move, type Lease } from './model-guard.js';
import { blockDependants, releaseDependants, unblockDependants } from './model-dependants.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type ModelTask = Mutable<TaskState> & {
  dependsOn: string[];
  notBefore: number;
  retryBase: number;
  commitSha: string | null;
  assignedTo: string | null;
  /** People were told that it waits for a claim. */
  announced: boolean;
  /** Of a task whose executor is `wait`. */
  wait: WaitTerms | null;
};
export type ModelAttempt = Mutable<AttemptState> & { failure: Failure | null; lease: Lease };
export type ModelRun = Mutable<RunState> & { lease: Lease };
export type ModelIntegration = Mutable<IntegrationState> & { lease: Lease };

/** A plan's rows as plain objects: what Postgres holds. */
export interface ModelState {
  plan: Mutable<PlanState>;
  phases: Mutable<PhaseState>[];
  tasks: ModelTask[];
  attempts: ModelAttempt[];
  runs: ModelRun[];
  /** In order of position. */
  integrations: ModelIntegration[];
  /** Names of events that came. */
  signals: string[];
}

/** Interprets decisions in memory, change by change, as the store's transitions do. */
export class PlanModel {
  now = 0;
  readonly events: EventDraft[] = [];

  constructor(public state: ModelState) {}

  /** Applies all of a decision or, when a guard meets no row, nothing of it. @returns its effects */
  apply(decision: Decision): readonly Effect[] {
    const next = structuredClone(this.state);
    for (const change of decision.changes) write(next, change, this.now);
    for (const effect of decision.effects) {
      if (effect.kind === 'deliver') one(rowsOf(next, effect.stage), effect.id).deliveries = effect.delivery;
    }
    this.state = next;
    this.events.push(...decision.events);
    return decision.effects;
  }

  slice(taskId: string): TaskSlice {
    const { plan, phases, tasks, attempts } = this.state;
    const task = one(tasks, taskId);
    const phase = one(phases, task.phaseId);
    const failures = attempts
      .filter((attempt) => attempt.taskId === taskId && attempt.number > task.retryBase)
      .flatMap(({ failure }) => failure ?? []);
    const queued = this.queued().filter((entry) => entry.task.id !== taskId);
    const nextPhase =
      phases.find(({ status, position }) => status === 'pending' && position > phase.position) ?? null;
    return structuredClone({ plan, phase, task, failures, violationCounts: [], queued, nextPhase });
  }

  /** Tasks with a slot that no worker has claimed. */
  queued(): QueuedTask[] {
    const { tasks, attempts } = this.state;
    return attempts
      .filter(({ status }) => status === 'queued')
      .map((attempt) => structuredClone({ attempt, task: one(tasks, attempt.taskId) }));
  }

  openWork(): OpenWork {
    const { phases, tasks, attempts, runs, integrations } = this.state;
    const landing = integrations.filter(({ status }) => !isFinal(INTEGRATION_MACHINE, status));
    const isLanding = (id: string) => landing.some(({ attemptId }) => attemptId === id);
    return structuredClone({
      phases: phases.filter(({ status }) => !PHASE_ENDED.includes(status)),
      tasks: tasks.filter(({ status }) => TASK_IN_HAND.includes(status)),
      attempts: attempts.filter(
        ({ id, taskId, status }) =>
          ['queued', 'running', 'executed'].includes(status) ||
          (status === 'passed' && (isLanding(id) || one(tasks, taskId).status === 'awaiting_review')),
      ),
      runs: runs.filter(({ status }) => !isFinal(RUN_MACHINE, status)),
      integrations: landing,
    });
  }

  lane(): { readonly holder: string | null; readonly next: LaneWaiter | null } {
    const { integrations } = this.state;
    const holder = integrations.find(({ status }) => INTEGRATION_IN_LANE.includes(status));
    const next = integrations.find(({ status }) => status === 'queued');
    return {
      holder: holder?.id ?? null,
      next: next === undefined ? null : { id: next.id, deliveries: next.deliveries },
    };
  }

  dispatchState(): DispatchState {
    const { plan, phases, tasks } = this.state;
    const ready = tasks.filter(
      ({ status, notBefore, executorKind, announced, approvedAt, phaseId }) =>
        status === 'ready' &&
        notBefore <= this.now &&
        (executorKind !== 'external' || !announced || asksFirst(one(phases, phaseId), approvedAt)),
    );
    const active = tasks.filter(({ status }) => TASK_ACTIVE.includes(status));
    return structuredClone({
      plan,
      now: new Date(this.now),
      ready: ready.map((task) => ({ task, phase: one(phases, task.phaseId), wait: task.wait, step: null })),
      activeScopes: active.map(({ writeScope }) => writeScope),
      unclaimed: this.state.attempts.filter(({ status }) => status === 'queued').length,
      stuckPhase: phases.find((phase) => isStuck(this.state, phase)) ?? null,
      limit: null,
      rivals: [],
    });
  }

  /** The attempt of a task that was made last, and its integration. */
  latestAttempt(taskId: string): { attempt: AttemptState; integration: IntegrationState | null } | null {
    const { attempts, integrations } = this.state;
    const attempt = attempts.filter((row) => row.taskId === taskId).at(-1);
    if (attempt === undefined) return null;
    const integration = integrations.find(({ attemptId }) => attemptId === attempt.id) ?? null;
    return structuredClone({ attempt, integration });
  }

  /** Waiting tasks whose time has come, or whose event. */
  dueWaits(): { readonly taskId: string; readonly event: string | null; readonly signalled: boolean }[] {
    const { plan, tasks, signals } = this.state;
    if (plan.status !== 'running') return [];
    return tasks.flatMap(({ id, status, wait, notBefore }) => {
      const event = wait?.event ?? null;
      const signalled = event !== null && signals.includes(event);
      const isTimed = event === null || (wait?.timeoutSeconds ?? null) !== null;
      const isDue = signalled || (isTimed && notBefore <= this.now);
      return status === 'waiting' && isDue ? [{ taskId: id, event, signalled }] : [];
    });
  }

  /** The pending phase that a resumed plan opens: none runs or waits. */
  phaseToOpen(): PhaseState | null {
    const { phases } = this.state;
    if (phases.some(({ status }) => status === 'running' || status === 'awaiting_approval')) return null;
    return structuredClone(phases.find(({ status }) => status === 'pending') ?? null);
  }
}

function isStuck({ tasks }: ModelState, phase: PhaseState): boolean {
  const held = tasks.filter(
    ({ phaseId, status }) => phaseId === phase.id && (status === 'blocked' || status === 'pending'),
  );
  return phase.status === 'running' && phase.openTasks > 0 && phase.openTasks === held.length;
}

function asksFirst({ approval }: PhaseState, approvedAt: Date | null): boolean {
  return (approval === 'before_task' || approval === 'both') && approvedAt === null;
}

export function one<R extends { id: string }>(rows: readonly R[], id: string): R {
  const row = rows.find((candidate) => candidate.id === id);
  if (row === undefined) throw new Error(`the model has no row ${id}`);
  return row;
}

function rowsOf(state: ModelState, stage: Stage): readonly { readonly id: string; deliveries: number }[] {
  const { attempts: execute, runs: verify, integrations: integrate } = state;
  return { execute, verify, integrate, judge: [], generate: [], review: [] }[stage];
}

function write(state: ModelState, change: Change, now: number): void {
  switch (change.entity) {
    case 'plan':
      move(state.plan, change);
      if (change.set.pauseReason !== undefined) state.plan.pauseReason = change.set.pauseReason;
      if (change.to === 'running') state.plan.pauseReason = null;
      state.plan.epoch = change.set.epoch ?? state.plan.epoch;
      return;
    case 'tip':
      if (state.plan.tipCommit !== change.from) throw new ModelFenced('plan tip');
      state.plan.tipCommit = change.to;
      return;
    case 'counters':
      state.plan.activeTasks += change.activeTasks;
      state.plan.openPhases += change.openPhases;
      return;
    case 'phase':
      return move(one(state.phases, change.id), change);
    case 'open_tasks':
      one(state.phases, change.phaseId).openTasks += change.delta;
      return;
    case 'task':
      return writeTask(one(state.tasks, change.id), change, now);
    case 'attempt':
    case 'run':
    case 'integration':
      return writeLeased(state, change);
    // Rows of people, on which nothing of a plan depends.
    case 'assignment':
    case 'follow_task':
      return;
    case 'delivery':
      throw new Error('the model has no deliveries');
    case 'new_attempt':
    case 'new_run':
    case 'new_integration':
    case 'new_signal':
      return writeNew(state, change);
    default:
      return writeMany(state, change);
  }
}

function writeTask(task: ModelTask, change: Extract<Change, { entity: 'task' }>, now: number): void {
  move(task, change);
  const { notBeforeMs, approvedBy, executor, writtenBy: _, ...columns } = change.set;
  task.announced = false;
  task.notBefore = notBeforeMs === undefined ? 0 : now + notBeforeMs;
  if (approvedBy !== undefined) task.approvedAt = approvedBy === null ? null : new Date(now);
  if (executor !== undefined) task.executorKind = executor.kind;
  Object.assign(task, columns);
}

function writeLeased(
  state: ModelState,
  change: Extract<Change, { entity: 'attempt' | 'run' | 'integration' }>,
): void {
  const { epoch } = state.plan;
  switch (change.entity) {
    case 'attempt': {
      const row = one(state.attempts, change.id);
      guard(row, change, epoch);
      row.failure = change.set.failure ?? row.failure;
      row.baseCommit = change.set.baseCommit ?? row.baseCommit;
      row.candidateCommit = change.set.candidateCommit ?? row.candidateCommit;
      row.patchId = change.set.patchId ?? row.patchId;
      return;
    }
    case 'run':
      return guard(one(state.runs, change.id), change, epoch);
    case 'integration': {
      const row = one(state.integrations, change.id);
      const { intent, ontoCommit, resultCommit, patchId } = change.set;
      guard(row, change, epoch);
      row.ontoCommit = ontoCommit ?? row.ontoCommit;
      row.resultCommit = resultCommit ?? row.resultCommit;
      row.patchId = patchId ?? row.patchId;
      if (intent)
        Object.assign(row, {
          intentToken: intent.token,
          intentOldTip: intent.oldTip,
          intentNewTip: intent.newTip,
        });
    }
  }
}

type NewRow = Extract<DirectChange, { entity: `new_${'attempt' | 'run' | 'integration' | 'signal'}` }>;

function writeNew(state: ModelState, change: NewRow): void {
  const leased = {
    epoch: state.plan.epoch,
    token: 0,
    deliveries: 0,
    lease: 'none',
    status: 'queued',
  } as const;
  switch (change.entity) {
    case 'new_attempt': {
      const { entity: _, ...columns } = change;
      state.attempts.push({
        ...leased,
        baseCommit: null,
        candidateCommit: null,
        patchId: null,
        byHand: false,
        failure: null,
        ...columns,
      });
      return;
    }
    case 'new_run': {
      const { entity: _, ...columns } = change;
      state.runs.push({ ...leased, ...columns });
      return;
    }
    case 'new_integration': {
      const { entity: _, ...columns } = change;
      const open = {
        ontoCommit: null,
        resultCommit: null,
        intentToken: null,
        intentOldTip: null,
        intentNewTip: null,
        patchId: null,
      };
      state.integrations.push({ ...leased, ...columns, ...open });
      return;
    }
    case 'new_signal':
      if (state.signals.includes(change.name)) throw new ModelFenced(`signal ${change.name}`);
      state.signals.push(change.name);
  }
}

function writeMany(state: ModelState, change: Exclude<DirectChange, NewRow>): void {
  switch (change.entity) {
    case 'cancel_waiting':
      for (const task of state.tasks) if (TASK_WAITING.includes(task.status)) task.status = 'cancelled';
      return;
    case 'release_phase':
      for (const task of state.tasks) {
        if (task.phaseId === change.phaseId && task.status === 'pending' && task.openDependencies === 0)
          task.status = 'ready';
      }
      return;
    case 'release_dependants':
      return releaseDependants(state, change.taskId);
    case 'block_dependants':
      return blockDependants(state, change.taskId);
    case 'unblock_dependants':
      return unblockDependants(state, change.taskId);
    case 'adopt_epoch':
      return adoptEpoch(state);
    case 'measured':
    case 'end_iterations':
      return;
    case 'announce':
      return announce(one(state.tasks, change.taskId));
    case 'assign':
      one(state.tasks, change.taskId).assignedTo = change.assignment?.to.name ?? null;
      return;
    case 'recount':
    case 'new_delivery':
    case 'new_iteration':
    case 'new_rewind':
    case 'end_rewind':
    case 'new_question':
    case 'answer_question':
      throw new Error(
        `the model knows nothing of ${change.entity}: nobody rewinds, delivers or waives in its plans, or asks`,
      );
  }
}

function announce(task: ModelTask): void {
  if (task.status !== 'ready' || task.announced) throw new ModelFenced(`announced ${task.id}`);
  task.announced = true;
}

function adoptEpoch({ plan, tasks, attempts, runs, integrations }: ModelState): void {
  const goesOn = ({ status, byHand, taskId }: ModelAttempt): boolean =>
    status === 'executed' ||
    (status === 'running' && byHand) ||
    (status === 'passed' && ['awaiting_review', 'integrating'].includes(one(tasks, taskId).status));
  const open = [
    ...runs.filter(({ status }) => !isFinal(RUN_MACHINE, status)),
    ...integrations.filter(({ status }) => !isFinal(INTEGRATION_MACHINE, status)),
    ...attempts.filter(goesOn),
  ];
  for (const row of open) row.epoch = plan.epoch;
}
