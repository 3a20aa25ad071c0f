import type { TaskDetail } from '#contracts/api/plan-tasks.js';
import type { TaskView } from '#contracts/api/plans.js';
import { writtenExecutor } from '#engine/executors.js';
import type { ExecutorConfig } from '#engine/ports/agent.port.js';
import type { Database } from '../database.js';
import type { Sql } from '../sql.js';
import { readCosts } from './costs.js';
import { TASK_NUMBERS, UUID } from './reference-shapes.js';
import { taskViews } from './task-views.js';

/** Where a task is: what commands on it take. */
export interface TaskPlace {
  readonly planId: string;
  readonly taskNumber: number;
}

/** What a task is to do, beside what its view in a plan shows. */
const WORK = `
  SELECT t.id, t.plan_id AS "planId", p.number AS plan, t.phase_id AS "phaseId", t.prompt, t.executor,
         t.written_by AS "writtenBy", t.may_change AS "mayChange", t.write_scope AS writes, t.supersedes, t.needs, t.profile,
         t.max_attempts AS "maxAttempts", t.spec_id AS "specId", p.revision
    FROM plan_tasks t JOIN plans p ON p.id = t.plan_id WHERE t.plan_id = $1 AND t.number = $2`;

type WorkRow = Omit<TaskDetail, Exclude<keyof TaskView, 'id'> | 'executor'> & {
  readonly executor: ExecutorConfig;
};

/** Two commits of a hub whose difference is the work on a task. */
export interface TaskWork {
  readonly repositoryId: string;
  readonly from: string;
  readonly to: string;
  readonly patchId: string | null;
}

/** Named reads of single tasks and phases. */
export class TaskReader {
  constructor(
    private readonly db: Database,
    private readonly sql: Sql,
  ) {}

  /** Finds a task by its id, or by its number after the number of its plan. */
  async place(reference: string): Promise<TaskPlace | null> {
    const [, plan, number] = TASK_NUMBERS.exec(reference) ?? [];
    if (plan === undefined && !UUID.test(reference)) return null;
    const row = await this.db.planTask.findFirst({
      where: {
        plan: { deletedAt: null, ...(plan === undefined ? {} : { number: Number(plan) }) },
        ...(plan === undefined ? { id: reference } : { number: Number(number) }),
      },
      select: { planId: true, number: true },
    });
    return row === null ? null : { planId: row.planId, taskNumber: row.number };
  }

  /** The plan of a phase. */
  async phase(id: string): Promise<{ readonly planId: string; readonly phaseId: string } | null> {
    if (!UUID.test(id)) return null;
    const row = await this.db.phase.findFirst({
      where: { id, plan: { deletedAt: null } },
      select: { planId: true },
    });
    return row === null ? null : { planId: row.planId, phaseId: id };
  }

  /** A task with what it is to do, as it was at one moment. */
  async task(place: { readonly planId: string; readonly taskNumber: number }): Promise<TaskDetail | null> {
    return this.sql.read(async (tx) => {
      const [row] = await tx.rows<WorkRow>(WORK, [place.planId, place.taskNumber]);
      if (row === undefined) return null;
      const [task] = await taskViews(tx, { taskId: row.id }, readCosts(tx, { taskId: row.id }));
      if (task === undefined) throw new Error(`task ${row.id} has no view`);
      return { ...task.view, ...row, executor: writtenExecutor(row.executor) };
    });
  }

  /** What was made of a task last, as it was recorded or rebased; null: nothing yet. */
  async work({ planId, taskNumber }: TaskPlace): Promise<TaskWork | null> {
    const attempt = await this.db.taskAttempt.findFirst({
      where: { planId, task: { number: taskNumber }, candidateCommit: { not: null } },
      orderBy: { number: 'desc' },
      select: {
        baseCommit: true,
        candidateCommit: true,
        patchId: true,
        plan: { select: { repositoryId: true } },
        integration: { select: { ontoCommit: true, resultCommit: true, patchId: true } },
      },
    });
    if (attempt === null) return null;
    const { integration, plan } = attempt;
    const isRebased =
      integration !== null && integration.ontoCommit !== null && integration.resultCommit !== null;
    const from = isRebased ? integration.ontoCommit : attempt.baseCommit;
    const to = isRebased ? integration.resultCommit : attempt.candidateCommit;
    if (from === null || to === null) return null;
    const patchId = integration?.patchId ?? attempt.patchId;
    return { repositoryId: plan.repositoryId, from, to, patchId };
  }
}
