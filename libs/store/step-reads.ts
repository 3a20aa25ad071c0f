import type { AttemptState, PhaseState, TaskState } from '#domain/plan/state.js';
import type { QueuedStep } from '#engine/ports/steps.port.js';
import { IS_STEP, startableAfter, STEP, type StartableAfter } from './dispatch-reads.js';
import { ATTEMPT, membersOf, PHASE, TASK } from './rows.js';
import type { SqlTx } from './sql.js';

/** A step that runs, with its task and phase. */
export interface StepRow {
  readonly attempt: AttemptState;
  readonly task: TaskState;
  readonly phase: PhaseState;
}

/** Steps of a plan that run, and what can start when they are done. */
export interface StepsLook {
  readonly rows: readonly StepRow[];
  readonly queued: readonly QueuedStep[];
  /** Whether an attempt of another plan waits for a worker. */
  readonly othersQueued: boolean;
  readonly startable: StartableAfter | null;
}

/** Looks at those of the attempts that are steps and run still; of none, at those that wait. Sends its reads in this turn. */
export async function lookAtSteps(
  db: Pick<SqlTx, 'rows'>,
  planId: string,
  places: readonly { readonly attemptId: string; readonly taskId: string }[],
): Promise<StepsLook> {
  if (places.length === 0) {
    const [queued, others] = await Promise.all([
      db.rows<QueuedStep>(QUEUED, [planId]),
      db.rows(OTHERS_QUEUED, [planId]),
    ]);
    return { rows: [], queued, othersQueued: others.length > 0, startable: null };
  }
  const [attemptIds, taskIds] = [places.map((place) => place.attemptId), places.map((place) => place.taskId)];
  const [rows, others, startable] = await Promise.all([
    db.rows<StepRow>(RUNNING, [planId, attemptIds]),
    db.rows(OTHERS_QUEUED, [planId]),
    startableAfter(db, planId, taskIds),
  ]);
  return { rows, queued: [], othersQueued: others.length > 0, startable };
}

/** Each is looked up by its id: other indexes have every attempt of the plan, or every running one of all plans. */
const RUNNING = `
  SELECT ${membersOf('attempt', ATTEMPT)}, ${membersOf('task', TASK)}, ${membersOf('phase', PHASE)}
    FROM unnest($2::uuid[]) AS g(id)
   CROSS JOIN LATERAL (SELECT * FROM task_attempts WHERE id = g.id OFFSET 0) a
   CROSS JOIN LATERAL (SELECT * FROM plan_tasks WHERE id = a.task_id OFFSET 0) t
   CROSS JOIN LATERAL (SELECT * FROM phases WHERE id = t.phase_id OFFSET 0) h
   WHERE a.plan_id = $1 AND a.status = 'running' AND t.effect = 'none'
     AND a.epoch = (SELECT p.epoch FROM plans p WHERE p.id = $1)`;

/** As many as a worker may have slots for. */
const MOST_QUEUED = 64;

const QUEUED = `
  SELECT ${membersOf('attempt', ATTEMPT)}, ${membersOf('task', TASK)}, ${STEP} AS step
    FROM task_attempts a CROSS JOIN LATERAL (SELECT * FROM plan_tasks WHERE id = a.task_id OFFSET 0) t
   WHERE a.plan_id = $1 AND a.status = 'queued' AND a.epoch = (SELECT p.epoch FROM plans p WHERE p.id = $1) AND ${IS_STEP}
   ORDER BY a.delivered_at, a.id LIMIT ${MOST_QUEUED}`;

const OTHERS_QUEUED = `SELECT 1 FROM task_attempts WHERE status = 'queued' AND plan_id <> $1 LIMIT 1`;
