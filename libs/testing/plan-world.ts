import type { Decision, Effect, Stage } from '#domain/plan/decision.js';
import { decideApprove } from '#domain/plan/decisions/approve-task.js';
import { decideCancel, type OpenWork } from '#domain/plan/decisions/cancel-plan.js';
import { decidePause, decideResume, decideRetryTask } from '#domain/plan/decisions/control-plan.js';
import { needsReview } from '#domain/plan/decisions/review.js';
import { decideStuck } from '#domain/plan/decisions/stuck.js';
import { decideDispatch } from '#domain/plan/decisions/dispatch.js';
import {
  decideAttemptFailed,
  decideAttemptReturned,
  decideClaimAttempt,
  decideExecuted,
  decideStepsDone,
} from '#domain/plan/decisions/execution.js';
import {
  decideClaimIntegration,
  decideIntegrationFailed,
  integrationIsHopeless,
  type Landing,
} from '#domain/plan/decisions/integration.js';
import { decideReject } from '#domain/plan/decisions/reject-task.js';
import { decideStart } from '#domain/plan/decisions/start-plan.js';
import {
  decideClaimRun,
  decideRunFailed,
  decideRunReturned,
  decideVerdict,
  runIsHopeless,
  type VerdictState,
} from '#domain/plan/decisions/verification.js';
import { decideSignal, decideWaitOver } from '#domain/plan/decisions/wait.js';
import type { Failure } from '#domain/plan/retry.js';
import { PLAN_MOVING } from '#domain/plan/plan.machine.js';
import type { AttemptFailure, LeasedState, TaskState } from '#domain/plan/state.js';
import type { VerdictOutcome } from '#domain/spec/verdict.js';
import { aVerdict } from './plan-builder.js';
import { Canceller } from './model-canceller.js';
import { ModelHub } from './model-hub.js';
import { Integrator } from './model-integrator.js';
import { ModelFenced } from './model-guard.js';
import { one, type ModelState, PlanModel } from './plan-model.js';

export interface Job {
  readonly stage: Stage;
  readonly id: string;
}
/** A worker that has claimed something. It may be dead, stopped, or fenced without knowing. */
export type Worker =
  | { readonly kind: 'executor'; readonly id: string; readonly token: number }
  | { readonly kind: 'verifier'; readonly id: string; readonly token: number }
  | Integrator
  | Canceller;

export type Outcome =
  { readonly executed: 'changed' | 'unchanged' } | { readonly failed: Failure } | { readonly returned: true };

/** The whole system around one plan, with the glue of the engine's commands and without its technology. */
export class PlanWorld {
  readonly model: PlanModel;
  readonly hub = new ModelHub();
  readonly queue: Job[] = [];
  readonly workers: Worker[] = [];
  private ids = 0;

  constructor(
    state: ModelState,
    readonly random: () => number,
  ) {
    this.model = new PlanModel(state);
  }

  get state(): ModelState {
    return this.model.state;
  }

  nextId(prefix = 'id'): string {
    this.ids += 1;
    return `${prefix}-${this.ids}`;
  }

  /** One command: decide, apply, then give free slots to ready tasks. Applying a decision twice must be fenced. */
  command(decision: Decision | null): boolean {
    if (decision === null) return false;
    this.carryOut(decision);
    this.dispatch();
    return true;
  }

  start(): void {
    this.command(decideStart(this.state.plan, this.state.phases[0] as never));
  }

  dispatch(): void {
    const state = this.model.dispatchState();
    this.carryOut(
      state.stuckPhase === null
        ? decideDispatch(state, () => this.nextId('attempt'))
        : decideStuck(state.plan, state.stuckPhase),
    );
  }

  approve(taskId: string): void {
    this.command(decideApprove(this.state.plan, one(this.state.tasks, taskId), 'person'));
  }

  /** A person does not let a task start. */
  reject(taskId: string): void {
    const { plan, tasks } = this.state;
    this.command(decideReject(plan, one(tasks, taskId), this.model.queued(), 'not like this'));
  }

  pause(): void {
    if (this.state.plan.status === 'running')
      this.command(decidePause(this.state.plan, this.model.queued(), null));
  }

  /** Failed tasks get another go. */
  resume(): void {
    const { plan, tasks } = this.state;
    if (plan.status !== 'paused' && plan.status !== 'pausing') return;
    this.command(decideResume(plan, this.failedTasks(tasks), true, this.model.phaseToOpen()));
  }

  retry(): void {
    const { plan, tasks } = this.state;
    const [task, ...others] = this.failedTasks(tasks);
    if (task === undefined || !PLAN_MOVING.includes(plan.status)) return;
    this.command(decideRetryTask(plan, task, others.length > 0, { note: 'otherwise' }));
  }

  /** Only begins it: a canceller among the workers brings it to its end. */
  cancel(): void {
    if (!PLAN_MOVING.includes(this.state.plan.status)) return;
    this.command(decideCancel(this.state.plan, null));
    this.workers.push(new Canceller(this));
  }

  openWork(): OpenWork {
    return this.model.openWork();
  }

  /** A worker takes one delivery, as often as it comes. */
  claim({ stage, id }: Job): void {
    if (stage === 'execute') this.claimAttempt(id);
    else if (stage === 'verify') this.claimRun(id);
    else this.claimLane(id);
  }

  private claimAttempt(id: string): void {
    const attempt = one(this.state.attempts, id);
    const task = one(this.state.tasks, attempt.taskId);
    const pin = { specHash: null, input: {}, inputHash: '' };
    const { token } = attempt;
    if (this.command(decideClaimAttempt(this.state.plan, task, attempt, pin))) {
      this.workers.push({ kind: 'executor', id, token: token + 1 });
    }
  }

  private claimRun(id: string): void {
    const run = one(this.state.runs, id);
    if (!this.isPresent(run)) return;
    const expired = run.lease === 'expired';
    if (expired && runIsHopeless(run)) {
      this.command(decideRunFailed(this.verdictState(id), 'the verifier died too often', this.random()));
      return;
    }
    const { token } = run;
    if (this.command(decideClaimRun(this.state.plan, run, expired))) {
      this.workers.push({ kind: 'verifier', id, token: token + 1 });
    }
  }

  private claimLane(id: string): void {
    const integration = one(this.state.integrations, id);
    const expired = integration.lease === 'expired';
    const hopeless = expired && integrationIsHopeless(integration);
    const decision = decideClaimIntegration(this.state.plan, integration, this.model.lane().holder, expired);
    if (this.command(decision))
      this.workers.push(new Integrator(this, one(this.state.integrations, id), expired, hopeless));
  }

  /** An executor says how its attempt went; what is stale changes nothing. */
  recordOutcome({ id, token }: { readonly id: string; readonly token: number }, outcome: Outcome): void {
    const attempt = one(this.state.attempts, id);
    if (attempt.status !== 'running' || attempt.token !== token || !this.isPresent(attempt)) return;
    const slice = this.model.slice(attempt.taskId);
    if ('returned' in outcome) {
      this.command(decideAttemptReturned(slice, attempt));
      return;
    }
    if ('failed' in outcome) {
      const failed = { failure: outcome.failed, message: 'failed' };
      this.command(decideAttemptFailed(slice, attempt, failed, this.random()));
      return;
    }
    if (slice.task.effect === 'none') {
      const done = { output: '', result: null };
      this.command(decideStepsDone(slice.plan, [{ slice, attempt, done }]));
      return;
    }
    const base = attempt.baseCommit ?? '';
    const candidateCommit = outcome.executed === 'changed' ? this.hub.commit(base, attempt.taskId) : base;
    this.command(decideExecuted(slice, attempt, { candidateCommit, output: '' }, () => this.nextId('run')));
  }

  recordVerdict(
    { id, token }: { readonly id: string; readonly token: number },
    outcome: VerdictOutcome,
  ): void {
    const run = one(this.state.runs, id);
    if (run.status !== 'running' || run.token !== token || !this.isPresent(run)) return;
    const verdict = aVerdict(outcome);
    this.command(
      decideVerdict(this.verdictState(id), verdict, false, () => this.nextId('integration'), this.random()),
    );
  }

  /** A verifier that was told to stop, or that could not carry the run out. */
  returnRun({ id, token }: { readonly id: string; readonly token: number }): void {
    const run = one(this.state.runs, id);
    if (run.status !== 'running' || run.token !== token || !this.isPresent(run)) return;
    const message = 'it could not be verified';
    this.command(
      runIsHopeless(run)
        ? decideRunFailed(this.verdictState(id), message, this.random())
        : decideRunReturned(this.state.plan, run),
    );
  }

  recordLost(id: string): void {
    const attempt = one(this.state.attempts, id);
    if (attempt.status !== 'running' || attempt.lease !== 'expired' || !this.isPresent(attempt)) return;
    const failed = { failure: 'lost', message: 'its worker stopped answering' } as const;
    this.command(decideAttemptFailed(this.model.slice(attempt.taskId), attempt, failed, this.random()));
  }

  failIntegration(id: string, failed: AttemptFailure): void {
    this.command(decideIntegrationFailed(this.landing(id), failed, this.random()));
  }

  landing(id: string): Landing {
    const integration = one(this.state.integrations, id);
    const attempt = one(this.state.attempts, integration.attemptId);
    return {
      slice: this.model.slice(integration.taskId),
      attempt,
      integration,
      nextInLane: this.model.lane().next,
    };
  }

  /** Everything that the reconciler would find: leases that are over, rows that wait and have no delivery. */
  reconcile(): void {
    for (const attempt of this.state.attempts) if (attempt.lease === 'expired') this.recordLost(attempt.id);
    const waiting = new Set(this.queue.map(({ id }) => id));
    const { plan, attempts, runs, integrations } = this.state;
    const laneIsBusy = this.model.lane().holder !== null;
    const overdue: Job[] = [
      ...attempts
        .filter(({ status }) => status === 'queued' && plan.status === 'running')
        .map(({ id }) => ({ stage: 'execute' as const, id })),
      ...runs
        .filter(({ status, lease }) => status === 'queued' || lease === 'expired')
        .map(({ id }) => ({ stage: 'verify' as const, id })),
      ...integrations
        .filter(
          ({ status, lease }) =>
            (status === 'queued' && !laneIsBusy) || status === 'verified' || lease === 'expired',
        )
        .map(({ id }) => ({ stage: 'integrate' as const, id })),
    ];
    this.queue.push(...overdue.filter(({ id }) => !waiting.has(id)));
    const isCancelled = this.workers.some(({ kind }) => kind === 'canceller');
    if (plan.status === 'cancelling' && !isCancelled) this.workers.push(new Canceller(this));
    this.endWaits();
    this.dispatch();
  }

  /** Waits whose time has come, or whose event. */
  endWaits(): void {
    for (const { taskId, ...over } of this.model.dueWaits())
      this.command(decideWaitOver(this.model.slice(taskId), over));
  }

  /** An event comes from outside. */
  signal(name: string): void {
    if (!PLAN_MOVING.includes(this.state.plan.status) || this.state.signals.includes(name)) return;
    this.command(decideSignal(this.state.plan, name, null));
  }

  /** What belongs to an old epoch is as if it were gone. */
  isPresent(row: LeasedState): boolean {
    return row.epoch === this.state.plan.epoch;
  }

  private failedTasks(tasks: readonly TaskState[]): TaskState[] {
    return tasks.filter(({ status }) => status === 'failed');
  }

  private verdictState(id: string): VerdictState {
    const run = one(this.state.runs, id);
    const lane = this.model.lane();
    const slice = this.model.slice(run.taskId);
    const changed = run.commit !== run.baseCommit;
    const isReviewed = changed && run.integrationId === null && needsReview(slice.plan, slice.phase.approval);
    return {
      slice,
      attempt: one(this.state.attempts, run.attemptId),
      run,
      integration: run.integrationId === null ? null : one(this.state.integrations, run.integrationId),
      changed,
      judgedUnder: { specHash: null, mayChange: [] },
      patchId: isReviewed ? this.hub.patchOf(run.commit) : null,
      laneFree: lane.holder === null && lane.next === null,
      nextInLane: lane.next,
    };
  }

  private carryOut(decision: Decision): void {
    const effects = this.model.apply(decision);
    if (decision.changes.length > 0) this.expectFenced(decision);
    this.queue.push(...effects.filter(isDelivery).map(({ stage, id }) => ({ stage, id })));
  }

  private expectFenced(decision: Decision): void {
    // Work that counts as done after all is guarded by the plan's lock alone.
    if (decision.changes.some((change) => change.entity === 'task' && change.from === change.to)) return;
    const twice = new PlanModel(this.state);
    try {
      twice.apply(decision);
    } catch (error) {
      if (error instanceof ModelFenced) return;
      throw error;
    }
    throw new Error(`a decision could be applied twice: ${JSON.stringify(decision.changes)}`);
  }
}

function isDelivery(effect: Effect): effect is Extract<Effect, { kind: 'deliver' }> {
  return effect.kind === 'deliver';
}
