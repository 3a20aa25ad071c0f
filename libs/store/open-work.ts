import type { UnendedTasks } from '#domain/plan/decisions/archive-plan.js';
import type { OpenWork } from '#domain/plan/decisions/cancel-plan.js';
import { INTEGRATION_MACHINE, INTEGRATION_STATUSES } from '#domain/plan/integration.machine.js';
import { isFinal } from '#domain/plan/machine.js';
import { PHASE_ENDED, PHASE_STATUSES } from '#domain/plan/phase.machine.js';
import type {
  AttemptState,
  IntegrationState,
  PhaseState,
  PlanState,
  RunState,
  TaskState,
} from '#domain/plan/state.js';
import { TASK_ENDED, TASK_IN_HAND } from '#domain/plan/task.machine.js';
import { RUN_MACHINE, RUN_STATUSES } from '#domain/plan/verification-run.machine.js';
import { ATTEMPT, INTEGRATION, PHASE, RUN, TASK } from './rows.js';
import type { SqlTx } from './sql.js';

const OPEN_PHASES = PHASE_STATUSES.filter((status) => !PHASE_ENDED.includes(status));
export const OPEN_RUNS = RUN_STATUSES.filter((status) => !isFinal(RUN_MACHINE, status));
export const OPEN_INTEGRATIONS = INTEGRATION_STATUSES.filter(
  (status) => !isFinal(INTEGRATION_MACHINE, status),
);

/** What a cancellation ends. It costs what is in flight and the phases, not the plan's tasks. */
export async function loadOpenWork(tx: SqlTx, planId: string): Promise<OpenWork> {
  const [phases, tasks, attempts, runs, integrations] = await Promise.all([
    tx.rows<PhaseState>(
      `SELECT ${PHASE} FROM phases h WHERE h.plan_id = $1 AND h.status = ANY($2) ORDER BY h.position`,
      [planId, OPEN_PHASES],
    ),
    tx.rows<TaskState>(
      `SELECT ${TASK} FROM plan_tasks t WHERE t.plan_id = $1 AND t.status = ANY($2) ORDER BY t.number`,
      [planId, TASK_IN_HAND],
    ),
    tx.rows<AttemptState>(
      `SELECT ${ATTEMPT} FROM task_attempts a
        WHERE a.plan_id = $1
          AND (a.status IN ('queued', 'running', 'executed')
               OR (a.status = 'passed'
                   AND (EXISTS (SELECT 1 FROM integrations i WHERE i.attempt_id = a.id AND i.status = ANY($2))
                        OR EXISTS (SELECT 1 FROM plan_tasks t
                                    WHERE t.id = a.task_id AND t.status = 'awaiting_review'
                                      AND a.number = t.attempt_count))))`,
      [planId, OPEN_INTEGRATIONS],
    ),
    tx.rows<RunState>(`SELECT ${RUN} FROM verification_runs r WHERE r.plan_id = $1 AND r.status = ANY($2)`, [
      planId,
      OPEN_RUNS,
    ]),
    tx.rows<IntegrationState>(
      `SELECT ${INTEGRATION} FROM integrations i WHERE i.plan_id = $1 AND i.status = ANY($2)`,
      [planId, OPEN_INTEGRATIONS],
    ),
  ]);
  return { phases, tasks, attempts, runs, integrations };
}

const NAMED = 10;

/** A task that failed for good still holds a plan up that could go on. */
export async function unendedTasks(tx: SqlTx, { id, status }: PlanState): Promise<UnendedTasks> {
  const ended = [...TASK_ENDED, 'cancelled', ...(status === 'paused' ? [] : ['failed'])];
  const rows = await tx.rows<UnendedTasks['first'][number] & { readonly total: number }>(
    `SELECT number, title, status, (count(*) OVER ())::int AS total FROM plan_tasks
      WHERE plan_id = $1 AND status <> ALL($2) ORDER BY number LIMIT $3`,
    [id, ended, NAMED],
  );
  const first = rows.map(({ number, title, status: at }) => ({ number, title, status: at }));
  return { count: rows[0]?.total ?? 0, first };
}
