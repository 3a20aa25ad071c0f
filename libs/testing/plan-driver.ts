import { DomainError } from '#domain/domain-error.js';
import {
  decideAttemptFailed,
  decideClaimAttempt,
  decideStepsDone,
} from '#domain/plan/decisions/execution.js';
import type { AttemptState } from '#domain/plan/state.js';
import { TASK_ACTIVE, TASK_DONE, TASK_ENDED, type TaskStatus } from '#domain/plan/task.machine.js';
import { approvePhase } from '#engine/commands/answer-phase.js';
import { approveTask } from '#engine/commands/approve-task.command.js';
import { claimTask } from '#engine/commands/claim-task.command.js';
import { completeTask } from '#engine/commands/complete-task.command.js';
import { failTask } from '#engine/commands/fail-task.command.js';
import { pausePlan } from '#engine/commands/pause-plan.command.js';
import { rejectTask } from '#engine/commands/reject-task.command.js';
import { releaseTask } from '#engine/commands/release-task.command.js';
import { resumePlan } from '#engine/commands/resume-plan.command.js';
import { retryTask } from '#engine/commands/retry-task.command.js';
import { skipTask } from '#engine/commands/skip-task.command.js';
import { startPlan } from '#engine/commands/start-plan.command.js';
import { onPlan } from '#engine/unit-of-work.js';
import type { EngineHarness } from './engine-harness.js';

const PIN = { specHash: null, input: {}, inputHash: 'hash' };
const ENOUGH = 300;

interface Row {
  readonly number: number;
  readonly id: string;
  readonly status: TaskStatus;
}

/** Brings a real plan on by the engine's commands, as workers and people would, and counts it again from its rows. */
export class PlanDriver {
  constructor(
    private readonly harness: EngineHarness,
    private readonly planId: string,
  ) {}

  start(): Promise<void> {
    return startPlan(this.harness.deps, this.names());
  }

  async revision(): Promise<number> {
    return (await this.plan()).revision;
  }

  /** One step of somebody; one that the plan's state refuses is none. */
  async step(which: number, pick: number): Promise<void> {
    const tasks = await this.tasks();
    const task = tasks[pick % (tasks.length || 1)];
    const named = { ...this.names(), taskNumber: task?.number ?? 0 };
    const { deps } = this.harness;
    const steps: readonly (() => Promise<void>)[] = [
      () => this.work(false),
      () => this.work(false),
      () => this.work(true),
      () => completeTask(deps, { ...named, note: 'by hand' }),
      () => completeTask(deps, { ...named, note: 'by hand' }),
      async () => void (await claimTask(deps, named)),
      () => releaseTask(deps, named),
      () => failTask(deps, { ...named, note: 'could not' }),
      () => skipTask(deps, { ...named, satisfies: false }),
      () => skipTask(deps, { ...named, satisfies: true }),
      () => approveTask(deps, named),
      () => rejectTask(deps, { ...named, note: 'not like this' }),
      () => retryTask(deps, named),
      () => pausePlan(deps, { ...this.names(), now: pick % 2 === 0 }),
      () => resumePlan(deps, { ...this.names(), retryFailed: true }),
      () => this.approvePhases(),
    ];
    await unlessRefused(steps[which % steps.length] ?? (() => Promise.resolve()));
  }

  /** Whatever it takes until the plan is completed. @throws when it does not end */
  async finish(): Promise<void> {
    const { deps } = this.harness;
    for (let round = 0; round < ENOUGH; round += 1) {
      const { status } = await this.plan();
      if (status === 'completed') return;
      await this.work(false);
      for (const task of await this.tasks()) {
        const named = { ...this.names(), taskNumber: task.number };
        if (['ready', 'awaiting_approval', 'claimed', 'failed'].includes(task.status))
          await unlessRefused(() => completeTask(deps, { ...named, note: 'by hand' }));
        else if (['waiting', 'blocked'].includes(task.status))
          await unlessRefused(() => skipTask(deps, { ...named, satisfies: true }));
      }
      await this.approvePhases();
      await unlessRefused(() => resumePlan(deps, { ...this.names(), retryFailed: true }));
    }
    throw new Error(`the plan does not end: ${JSON.stringify(await this.harness.stores.dump(this.planId))}`);
  }

  /** Counters are what is counted, and nothing that could end by itself stays open. */
  async expectCounters(): Promise<void> {
    const { plan, phases, tasks } = await this.counted();
    expect(plan.activeTasks).toBe(tasks.filter(({ status }) => TASK_ACTIVE.includes(status)).length);
    expect(plan.openPhases).toBe(
      phases.filter(({ status }) => status !== 'completed' && status !== 'skipped').length,
    );
    for (const phase of phases) {
      const open = tasks.filter((task) => task.phaseId === phase.id && !TASK_ENDED.includes(task.status));
      expect(phase.openTasks).toBe(open.length);
      if (plan.status === 'running' && phase.status === 'running') expect(open).not.toEqual([]);
    }
    expect(tasks.map(({ number, openDependencies }) => [number, openDependencies])).toEqual(
      tasks.map(({ number, unmet }) => [number, unmet.length]),
    );
    expect(plan.status === 'completed').toBe(plan.openPhases === 0 && plan.status !== 'paused');
  }

  /** After an edit, what nobody works on is what follows from its dependencies and its phase. */
  async expectStatuses(): Promise<void> {
    const { phases, tasks } = await this.counted();
    const untouched = ['pending', 'ready', 'blocked', 'awaiting_approval', 'waiting'];
    const blocked = new Set<string>();
    const isMissing = (id: string) =>
      blocked.has(id) || tasks.some((task) => task.id === id && task.isMissing);
    for (let grew = true; grew;) {
      const more = tasks.filter(
        ({ id, status, unmet }) => !blocked.has(id) && untouched.includes(status) && unmet.some(isMissing),
      );
      for (const { id } of more) blocked.add(id);
      grew = more.length > 0;
    }
    for (const task of tasks.filter(({ status }) => untouched.includes(status))) {
      const runs = phases.some(({ id, status }) => id === task.phaseId && status === 'running');
      const allowed = blocked.has(task.id)
        ? ['blocked']
        : !runs || task.unmet.length > 0
          ? ['pending']
          : ['ready', 'awaiting_approval', 'waiting'];
      expect(allowed).toContain(task.status);
    }
  }

  /** A worker claims what is queued, or ends what it has: as a failure, or where it changes nothing, done. */
  private async work(fails: boolean): Promise<void> {
    await onPlan(this.harness.deps, this.planId, async (tx) => {
      const where = { planId: this.planId, byHand: false, status: { in: ['queued', 'running'] } };
      const found = await this.harness.stores.db.taskAttempt.findFirst({
        where,
        orderBy: { status: 'desc' },
      });
      const attempt: AttemptState | null = found === null ? null : await tx.attempt(found.id);
      if (attempt === null) return;
      const slice = await tx.slice(attempt.taskId);
      const message = 'it failed';
      const decision =
        attempt.status === 'queued'
          ? decideClaimAttempt(tx.plan, slice.task, attempt, PIN)
          : fails || slice.task.effect === 'change'
            ? decideAttemptFailed(slice, attempt, { failure: 'agent_failed', message }, 0)
            : decideStepsDone(tx.plan, [{ slice, attempt, done: { output: '', result: null } }]);
      if (decision !== null) await tx.apply(decision, this.harness.deps.systemActorId);
    });
  }

  private async approvePhases(): Promise<void> {
    const where = { planId: this.planId, status: 'awaiting_approval' };
    for (const { id } of await this.harness.stores.db.phase.findMany({ where }))
      await unlessRefused(() => approvePhase(this.harness.deps, { ...this.names(), phaseId: id }));
  }

  private async counted() {
    const plan = await this.plan();
    const { db } = this.harness.stores;
    const phases = await db.phase.findMany({ where: { planId: this.planId } });
    const rows = await db.planTask.findMany({
      where: { planId: this.planId },
      orderBy: { number: 'asc' },
      include: { dependencies: { include: { dependsOn: true } } },
    });
    const tasks = rows.map(({ dependencies, status, verified, ...task }) => ({
      ...task,
      status: status as TaskStatus,
      isMissing: status === 'skipped' && verified === null,
      unmet: dependencies
        .filter(({ dependsOn: { status: of, verified: counts } }) => {
          const isDone = TASK_DONE.includes(of as TaskStatus);
          return !isDone && !(of === 'skipped' && counts !== null);
        })
        .map(({ dependsOnId }) => dependsOnId),
    }));
    return { plan, phases, tasks };
  }

  private plan() {
    return this.harness.stores.db.plan.findUniqueOrThrow({ where: { id: this.planId } });
  }

  private async tasks(): Promise<Row[]> {
    const where = { planId: this.planId };
    const rows = await this.harness.stores.db.planTask.findMany({ where, orderBy: { number: 'asc' } });
    return rows.map(({ id, number, status }) => ({ id, number, status: status as TaskStatus }));
  }

  private names() {
    return { planId: this.planId, actorId: this.harness.stores.ownerId };
  }
}

async function unlessRefused(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
  }
}
