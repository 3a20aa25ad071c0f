import { v7 as uuid } from 'uuid';
import { decideDispatch } from '#domain/plan/decisions/dispatch.js';
import { decideClaimAttempt, decideExecuted } from '#domain/plan/decisions/execution.js';
import { decideStart } from '#domain/plan/decisions/start-plan.js';
import { decideClaimRun, decideVerdict } from '#domain/plan/decisions/verification.js';
import type { AttemptState, IntegrationState, RunState, TaskState } from '#domain/plan/state.js';
import type { NewPlan } from '#engine/ports/new-plan.js';
import type { StoreHarness } from './engine-harness.js';
import { aVerdict, type PhaseShape } from './plan-builder.js';

const PIN = { specHash: null, input: { attempt: 1 }, inputHash: 'hash' };

/** Brings plans of a real store to where a test begins, by the same decisions that the engine takes. */
export class StoreScenes {
  constructor(private readonly harness: StoreHarness) {}

  /** A running plan whose first tasks have their attempts queued. */
  async running(
    phases: readonly PhaseShape[],
    concurrency = 4,
    over: Partial<NewPlan> = {},
  ): Promise<string> {
    const planId = await this.harness.plan(phases, { concurrency, ...over });
    await this.harness.onPlan(planId, async (tx) => {
      await tx.apply(decideStart(tx.plan, await tx.firstPhase()), this.harness.ownerId);
      await tx.apply(decideDispatch(await tx.dispatchState(), uuid), this.harness.systemId);
    });
    return planId;
  }

  async task(planId: string, number = 1): Promise<TaskState> {
    return this.harness.onPlan(planId, async (tx) => (await tx.taskByNumber(number)) as TaskState);
  }

  /** The latest attempt of a task. */
  async attempt(planId: string, number = 1): Promise<AttemptState> {
    const { id: taskId } = await this.task(planId, number);
    const { id } = await this.harness.db.taskAttempt.findFirstOrThrow({
      where: { taskId },
      orderBy: { number: 'desc' },
    });
    return this.harness.onPlan(planId, async (tx) => (await tx.attempt(id)) as AttemptState);
  }

  async run(planId: string, number = 1): Promise<RunState> {
    const { id: taskId } = await this.task(planId, number);
    const { id } = await this.harness.db.verificationRun.findFirstOrThrow({
      where: { taskId },
      orderBy: { id: 'desc' },
    });
    return this.harness.onPlan(planId, async (tx) => (await tx.run(id)) as RunState);
  }

  async integration(planId: string, number = 1): Promise<IntegrationState> {
    const { id: taskId } = await this.task(planId, number);
    const { id } = await this.harness.db.integration.findFirstOrThrow({
      where: { taskId },
      orderBy: { id: 'desc' },
    });
    return this.harness.onPlan(planId, async (tx) => (await tx.integration(id)) as IntegrationState);
  }

  /** @returns the attempt as its worker knows it */
  async claimed(planId: string, number = 1): Promise<AttemptState> {
    const attempt = await this.attempt(planId, number);
    await this.harness.onPlan(planId, async (tx) => {
      const decision = decideClaimAttempt(tx.plan, await tx.task(attempt.taskId), attempt, PIN);
      if (decision === null) throw new Error('the attempt cannot be claimed');
      await tx.apply(decision, this.harness.systemId);
    });
    return this.attempt(planId, number);
  }

  /** The task's candidate waits for its verdict. @returns the run */
  async executed(
    planId: string,
    number = 1,
    candidateCommit = `${number}`.repeat(40).slice(0, 40),
  ): Promise<RunState> {
    const attempt = await this.claimed(planId, number);
    await this.harness.onPlan(planId, async (tx) => {
      const slice = await tx.slice(attempt.taskId);
      await tx.apply(
        decideExecuted(slice, attempt, { candidateCommit, output: '' }, uuid),
        this.harness.systemId,
      );
    });
    return this.run(planId, number);
  }

  /** The task's candidate passed and waits for the lane. @returns the integration */
  async integrating(planId: string, number = 1): Promise<IntegrationState> {
    const run = await this.executed(planId, number, `c${number}`.padEnd(40, '0'));
    await this.harness.onPlan(planId, async (tx) => {
      const claim = decideClaimRun(tx.plan, run, false);
      if (claim === null) throw new Error('the run cannot be claimed');
      await tx.apply(claim, this.harness.systemId);
    });
    await this.harness.onPlan(planId, async (tx) => {
      const running = (await tx.run(run.id)) as RunState;
      const lane = await tx.lane();
      const attempt = (await tx.attempt(run.attemptId)) as AttemptState;
      const slice = await tx.slice(run.taskId);
      const state = {
        slice,
        attempt,
        run: running,
        integration: null,
        changed: true,
        judgedUnder: { specHash: null, mayChange: ['docs/**'] },
        patchId: null,
        laneFree: lane.holder === null && lane.next === null,
        nextInLane: lane.next,
      };
      await tx.apply(decideVerdict(state, aVerdict('pass'), false, uuid, 0), this.harness.systemId);
    });
    return this.integration(planId, number);
  }

  /** Ends the leases of a plan, or gives them back their time. */
  async setLeases(planId: string, how: 'expired' | 'fresh'): Promise<void> {
    const leaseUntil = new Date(Date.now() + (how === 'expired' ? -3_600_000 : 3_600_000));
    const where = { planId, leaseUntil: { not: null } };
    await this.harness.db.taskAttempt.updateMany({ where, data: { leaseUntil } });
    await this.harness.db.verificationRun.updateMany({ where, data: { leaseUntil } });
    await this.harness.db.integration.updateMany({ where, data: { leaseUntil } });
  }

  /** As if every delivery of the plan had been made an hour ago. */
  async ageDeliveries(planId: string): Promise<void> {
    const deliveredAt = new Date(Date.now() - 3_600_000);
    await this.harness.db.taskAttempt.updateMany({ where: { planId }, data: { deliveredAt } });
    await this.harness.db.verificationRun.updateMany({ where: { planId }, data: { deliveredAt } });
    await this.harness.db.integration.updateMany({ where: { planId }, data: { deliveredAt } });
  }
}
