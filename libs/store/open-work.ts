import type { OpenWork } from '#domain/plan/decisions/cancel-plan.js';
import { INTEGRATION_MACHINE, INTEGRATION_STATUSES } from '#domain/plan/integration.machine.js';
import { isFinal } from '#domain/plan/machine.js';
import { PHASE_MACHINE, PHASE_STATUSES } from '#domain/plan/phase.machine.js';
import { TASK_ACTIVE } from '#domain/plan/task.machine.js';
import { RUN_MACHINE, RUN_STATUSES } from '#domain/plan/verification-run.machine.js';
import type { DatabaseTx } from './database.js';
import { toAttempt, toIntegration, toPhase, toRun, toTask } from './rows.js';

const OPEN_PHASES = PHASE_STATUSES.filter((status) => !isFinal(PHASE_MACHINE, status));
const OPEN_RUNS = RUN_STATUSES.filter((status) => !isFinal(RUN_MACHINE, status));
const OPEN_INTEGRATIONS = INTEGRATION_STATUSES.filter((status) => !isFinal(INTEGRATION_MACHINE, status));

/** What a cancellation ends. It costs what is in flight and the phases, not the plan's tasks. */
export async function loadOpenWork(db: DatabaseTx, planId: string): Promise<OpenWork> {
  const [phases, tasks, attempts, runs, integrations] = [
    await db.phase.findMany({
      where: { planId, status: { in: OPEN_PHASES } },
      orderBy: { position: 'asc' },
    }),
    await db.planTask.findMany({
      where: { planId, status: { in: [...TASK_ACTIVE] } },
      orderBy: { number: 'asc' },
    }),
    await db.taskAttempt.findMany({
      where: {
        planId,
        OR: [
          { status: { in: ['queued', 'running', 'executed'] } },
          { status: 'passed', integration: { status: { in: OPEN_INTEGRATIONS } } },
        ],
      },
    }),
    await db.verificationRun.findMany({ where: { planId, status: { in: OPEN_RUNS } } }),
    await db.integration.findMany({ where: { planId, status: { in: OPEN_INTEGRATIONS } } }),
  ];
  return {
    phases: phases.map(toPhase),
    tasks: tasks.map(toTask),
    attempts: attempts.map(toAttempt),
    runs: runs.map(toRun),
    integrations: integrations.map(toIntegration),
  };
}
