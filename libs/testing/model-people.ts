import {
  decideClaimTask,
  decideCompleteByHand,
  decideFailTask,
  decideReleaseTask,
  decideSubmit,
  type HandState,
} from '#domain/plan/decisions/by-hand.js';
import { decidePauseNow } from '#domain/plan/decisions/control-plan.js';
import { decideApprovePhase, decideRejectPhase, type PhaseSlice } from '#domain/plan/decisions/phase-end.js';
import { decideApproveReview, decideRejectReview, type ReviewState } from '#domain/plan/decisions/review.js';
import { decideSkip } from '#domain/plan/decisions/skip-task.js';
import { PLAN_MOVING } from '#domain/plan/plan.machine.js';
import type { TaskStatus } from '#domain/plan/task.machine.js';
import { one, type ModelTask } from './plan-model.js';
import type { PlanWorld } from './plan-world.js';

const TAKEABLE: readonly TaskStatus[] = ['ready', 'failed', 'awaiting_approval'];
const SKIPPABLE: readonly TaskStatus[] = ['pending', 'waiting', 'blocked', ...TAKEABLE];

/** What people do to one plan besides starting and stopping it. Whatever is not possible now changes nothing. */
export class People {
  constructor(private readonly world: PlanWorld) {}

  /** A person answers whatever is asked: what may start, which diff, which phase; and hands in what they have. */
  answerAll(rejects: () => boolean): void {
    if (!PLAN_MOVING.includes(this.world.state.plan.status)) return;
    for (const task of this.tasksIn(['awaiting_approval'])) this.world.approve(task.id);
    for (const task of this.tasksIn(['awaiting_review'])) this.review(task, !rejects());
    for (const task of this.tasksIn(['claimed'])) this.handIn(task);
    for (const task of this.tasksIn(['ready']))
      if (task.executorKind === 'external' && task.status === 'ready') this.claim(task);
    for (const { wait } of this.tasksIn(['waiting']))
      if (wait !== null && wait.event !== null) this.world.signal(wait.event);
    this.answerPhase(true);
  }

  /** Any one thing that is possible, or nothing. */
  doSomething(random: () => number): void {
    const { status } = this.world.state.plan;
    if (!PLAN_MOVING.includes(status)) return;
    const luck = random();
    if (luck < 0.2) this.any(['awaiting_review'], random, (task) => this.review(task, random() < 0.6));
    else if (luck < 0.35) this.any(['claimed'], random, (task) => this.giveUp(task, random));
    else if (luck < 0.5) this.any(TAKEABLE, random, (task) => this.claim(task));
    else if (luck < 0.65) this.any([...TAKEABLE, 'claimed'], random, (task) => this.handIn(task));
    else if (luck < 0.7) this.any([...TAKEABLE, 'claimed'], random, (task) => this.complete(task));
    else if (luck < 0.78) this.any(SKIPPABLE, random, (task) => this.skip(task, random() < 0.5));
    else if (luck < 0.83) this.any(['skipped'], random, (task) => this.skip(task, true));
    else if (luck < 0.95) this.answerPhase(random() < 0.7);
    else this.pauseNow();
  }

  /** Frees or leaves out whatever is blocked, so that the plan can end. */
  skipBlocked(): void {
    for (const { id } of this.tasksIn(['blocked'])) {
      const task = one(this.world.state.tasks, id);
      if (task.status === 'blocked') this.skip(task, true);
    }
  }

  private review(task: ModelTask, lets: boolean): void {
    const { world } = this;
    const state = this.reviewState(task);
    world.command(
      lets
        ? decideApproveReview(state, 'person', undefined, () => world.nextId('integration'))
        : decideRejectReview(state, 'not like this', world.random()),
    );
  }

  private claim(task: ModelTask): void {
    this.world.command(decideClaimTask(this.handState(task), 'person', () => this.world.nextId('attempt')));
  }

  private giveUp(task: ModelTask, random: () => number): void {
    const state = this.handState(task);
    this.world.command(
      random() < 0.5 ? decideReleaseTask(state, null) : decideFailTask(state, 'too hard', random()),
    );
  }

  /** What changes nothing cannot be handed in: it is completed. */
  private handIn(task: ModelTask): void {
    const { world } = this;
    if (task.effect === 'none') return this.complete(task);
    const state = this.handState(task);
    const base = world.hub.tip ?? world.state.plan.baseCommit;
    const attemptId = state.attempt?.id ?? world.nextId('attempt');
    const handed = { commit: world.hub.commit(base, task.id), base, attemptId };
    world.command(decideSubmit(state, handed, 'person', () => world.nextId('run')));
  }

  private complete(task: ModelTask): void {
    this.world.command(decideCompleteByHand(this.handState(task), 'done elsewhere'));
  }

  private skip(task: ModelTask, satisfies: boolean): void {
    if (task.status === 'skipped' && task.verified !== null) return;
    const slice = this.world.model.slice(task.id);
    this.world.command(decideSkip(slice, { satisfies, note: null }, this.othersFailed(task)));
  }

  private answerPhase(lets: boolean): void {
    const { plan, phases, tasks } = this.world.state;
    const phase = phases.find(({ status }) => status === 'awaiting_approval');
    if (phase === undefined) return;
    const nextPhase = phases.find(({ status }) => status === 'pending') ?? null;
    const slice: PhaseSlice = structuredClone({ plan, phase, nextPhase });
    this.world.command(
      lets
        ? decideApprovePhase(
            slice,
            tasks.some(({ status }) => status === 'failed'),
          )
        : decideRejectPhase(slice, this.world.model.queued(), 'not yet'),
    );
  }

  private pauseNow(): void {
    const { plan } = this.world.state;
    if (plan.status === 'running' || plan.status === 'pausing')
      this.world.command(decidePauseNow(plan, this.world.openWork(), null));
  }

  private reviewState(task: ModelTask): ReviewState {
    const { model } = this.world;
    const latest = model.latestAttempt(task.id);
    if (latest === null) throw new Error(`${task.id} awaits a review and has no attempt`);
    const lane = model.lane();
    return { slice: model.slice(task.id), ...latest, laneFree: lane.holder === null && lane.next === null };
  }

  private handState(task: ModelTask): HandState {
    const { model } = this.world;
    const attempt = task.status === 'claimed' ? (model.latestAttempt(task.id)?.attempt ?? null) : null;
    return { slice: model.slice(task.id), attempt, othersFailed: this.othersFailed(task) };
  }

  private othersFailed(task: ModelTask): boolean {
    return this.world.state.tasks.some(({ id, status }) => status === 'failed' && id !== task.id);
  }

  private tasksIn(statuses: readonly TaskStatus[]): ModelTask[] {
    return this.world.state.tasks.filter(({ status }) => statuses.includes(status));
  }

  private any(statuses: readonly TaskStatus[], random: () => number, act: (task: ModelTask) => void): void {
    const tasks = this.tasksIn(statuses);
    const task = tasks[Math.floor(random() * tasks.length)];
    if (task !== undefined) act(task);
  }
}
