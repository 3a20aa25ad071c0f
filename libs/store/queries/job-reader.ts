import { jobId, STAGE_QUEUE, type QueueName } from '#contracts/queue/jobs.js';
import type { Stage } from '#domain/plan/decision.js';
import type { Database } from '../database.js';
import type { Prisma } from '../generated/client.js';
import { TASK_NUMBERS, UUID } from './reference-shapes.js';

/** One delivery of an attempt's work, as the queue knows it; the queue forgets old ones. */
export interface WorkJob {
  readonly queue: QueueName;
  readonly stage: Stage;
  readonly jobId: string;
}

/** An attempt with its task and plan, and the jobs that it was delivered by. */
export interface AttemptJobs {
  readonly plan: { readonly number: number; readonly name: string };
  readonly task: { readonly number: number; readonly title: string };
  readonly attempt: number;
  readonly status: string;
  readonly jobs: readonly WorkJob[];
}

const VIEW = {
  id: true,
  number: true,
  status: true,
  deliveries: true,
  plan: { select: { number: true, name: true } },
  task: { select: { number: true, title: true } },
  runs: { select: { id: true, deliveries: true }, orderBy: { createdAt: 'asc' } },
  integration: { select: { id: true, deliveries: true } },
} as const satisfies Prisma.TaskAttemptSelect;

/** Finds the way between jobs and the work behind them. */
export class JobReader {
  constructor(private readonly db: Database) {}

  /**
   * Attempts behind a reference: the id in a job's payload (an attempt, a verification run, an integration), a task's
   * id, or its numbers (`12.3`). Empty where there are none.
   */
  async attempts(reference: string): Promise<AttemptJobs[]> {
    const where = whereOf(reference);
    if (where === null) return [];
    const rows = await this.db.taskAttempt.findMany({ where, select: VIEW, orderBy: { number: 'asc' } });
    return rows.map(({ id, number, status, deliveries, plan, task, runs, integration }) => ({
      plan,
      task,
      attempt: number,
      status,
      jobs: [
        ...jobsOf('execute', { id, deliveries }),
        ...runs.flatMap((run) => jobsOf('verify', run)),
        ...(integration === null ? [] : jobsOf('integrate', integration)),
      ],
    }));
  }
}

function whereOf(reference: string): Prisma.TaskAttemptWhereInput | null {
  const [, plan, task] = TASK_NUMBERS.exec(reference) ?? [];
  if (plan !== undefined) return { plan: { number: Number(plan) }, task: { number: Number(task) } };
  if (!UUID.test(reference)) return null;
  const id = reference;
  return { OR: [{ id }, { taskId: id }, { runs: { some: { id } } }, { integration: { id } }] };
}

function jobsOf(stage: Stage, row: { readonly id: string; readonly deliveries: number }): WorkJob[] {
  return Array.from({ length: row.deliveries }, (_, index) => {
    return { queue: STAGE_QUEUE[stage], stage, jobId: jobId(row.id, stage, index + 1) };
  });
}
