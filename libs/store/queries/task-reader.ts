import type { TaskDetail } from '#contracts/api/plan-tasks.js';
import { writtenExecutor } from '#engine/executors.js';
import type { ExecutorConfig } from '#engine/ports/agent.port.js';
import type { Database } from '../database.js';
import { TASK_VIEW, toTaskView } from './plan-reader.js';

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const NUMBERS = /^([1-9][0-9]{0,8})\.([1-9][0-9]{0,8})$/;

/** Where a task is: what commands on it take. */
export interface TaskPlace {
  readonly planId: string;
  readonly taskNumber: number;
}

/** Named reads of single tasks and phases. */
export class TaskReader {
  constructor(private readonly db: Database) {}

  /** Finds a task by its id, or by its number after the number of its plan. */
  async place(reference: string): Promise<TaskPlace | null> {
    const [, plan, number] = NUMBERS.exec(reference) ?? [];
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

  /** A task with what it is to do. */
  async task({ planId, taskNumber }: TaskPlace): Promise<TaskDetail | null> {
    const row = await this.db.planTask.findUnique({
      where: { planId_number: { planId, number: taskNumber } },
      include: {
        ...TASK_VIEW,
        plan: { select: { number: true, revision: true } },
        assignee: { select: { name: true } },
      },
    });
    if (row === null) return null;
    const review = row.status === 'awaiting_review' ? await this.review(row.id) : null;
    return {
      ...toTaskView(row),
      planId,
      plan: row.plan.number,
      phaseId: row.phaseId,
      prompt: row.prompt,
      executor: writtenExecutor(row.executor as unknown as ExecutorConfig),
      assignedTo: row.assignee?.name ?? null,
      mayChange: row.mayChange as string[],
      writes: row.writeScope as string[],
      maxAttempts: row.maxAttempts,
      specId: row.specId,
      note: row.note,
      review,
      revision: row.plan.revision,
    };
  }

  /** What a person is asked about: the candidate, or what the rebase made of it. */
  private async review(taskId: string): Promise<TaskDetail['review']> {
    const attempt = await this.db.taskAttempt.findFirst({
      where: { taskId },
      orderBy: { number: 'desc' },
      select: {
        candidateCommit: true,
        patchId: true,
        integration: { select: { status: true, resultCommit: true, patchId: true } },
      },
    });
    const rebased = attempt?.integration?.status === 'awaiting_review' ? attempt.integration : null;
    const commit = rebased?.resultCommit ?? attempt?.candidateCommit;
    const patchId = rebased?.patchId ?? attempt?.patchId;
    return commit == null || patchId == null ? null : { commit, patchId };
  }
}
