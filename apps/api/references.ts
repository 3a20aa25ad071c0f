import { Inject, Injectable } from '@nestjs/common';
import type { TaskDetail } from '#contracts/api/plan-tasks.js';
import type { PlanView } from '#contracts/api/plans.js';
import { DomainError } from '#domain/domain-error.js';
import type { PhasePlace } from '#engine/commands/add-task.command.js';
import { PlanFinder } from '#store/queries/plan-finder.js';
import { PlanReader } from '#store/queries/plan-reader.js';
import { TaskReader, type TaskPlace, type TaskWork } from '#store/queries/task-reader.js';

/** Finds what a request names. Everything here throws a DomainError `not_found` when there is nothing. */
@Injectable()
export class References {
  constructor(
    @Inject(PlanFinder) private readonly finder: PlanFinder,
    @Inject(PlanReader) private readonly plans: PlanReader,
    @Inject(TaskReader) private readonly tasks: TaskReader,
  ) {}

  async planId(reference: string): Promise<string> {
    return found(await this.finder.planId(reference), 'plan', reference);
  }

  async plan(id: string): Promise<PlanView> {
    return found(await this.plans.plan(id), 'plan', id);
  }

  async phase(id: string): Promise<{ readonly planId: string; readonly phaseId: string }> {
    return found(await this.tasks.phase(id), 'phase', id);
  }

  /** A phase by its id, or by its number in a plan: the last one when that is absent. */
  async phasePlace(named: {
    readonly phaseId: string | undefined;
    readonly plan: string | undefined;
    readonly phase: number | undefined;
  }): Promise<PhasePlace & { readonly planId: string }> {
    if (named.phaseId !== undefined) return this.phase(named.phaseId);
    return { planId: await this.planId(named.plan ?? ''), phase: named.phase };
  }

  async taskPlace(reference: string): Promise<TaskPlace> {
    return found(await this.tasks.place(reference), 'task', reference);
  }

  async task(place: TaskPlace): Promise<TaskDetail> {
    return found(await this.tasks.task(place), 'task', String(place.taskNumber));
  }

  /** @throws DomainError `conflict` when nothing was made of it yet */
  async work(reference: string): Promise<TaskWork> {
    const work = await this.tasks.work(await this.taskPlace(reference));
    if (work !== null) return work;
    throw new DomainError('conflict', `Task ${reference} has no diff: nothing was made of it yet.`, {
      remedy: 'Look again when its first attempt was executed.',
    });
  }
}

const REMEDIES = {
  plan: 'GET /api/plans (planwright list) has all of them.',
  phase: 'Its plan (planwright show PLAN) has the ids of its phases.',
  task: 'Its plan (planwright show PLAN) has its tasks; a task is named as 12.3, or by its id.',
  attempt: 'Its task (planwright show PLAN) has its attempts, from 1.',
  repository: 'GET /api/repositories has all of them.',
  profile: 'GET /api/agents (planwright agent list) has all of them.',
  iteration: 'GET /api/plans/:plan/iterations (planwright iterations PLAN) has all of them.',
  judgement: 'They are kept for a day: judge the commit again.',
  spec: 'The tasks of a plan have the ids of their specs.',
  snapshot: 'GET /api/plans/:plan/snapshots (planwright snapshots PLAN) has all of them.',
  delivery: 'GET /api/plans/:plan/deliveries has all of them.',
  file: 'GET /api/docs names what there is.',
  'work item':
    'GET /api/work-items (planwright work-items) has all of them; one is named as w4, or by its id.',
};

/** @throws DomainError `not_found` when there is nothing */
export function found<T>(value: T | null, thing: keyof typeof REMEDIES, reference: string): T {
  if (value !== null) return value;
  throw new DomainError('not_found', `There is no ${thing} ${JSON.stringify(reference)}.`, {
    remedy: REMEDIES[thing],
  });
}
