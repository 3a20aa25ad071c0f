import type { AttemptStatus } from '#domain/plan/attempt.machine.js';
import type { IntegrationStatus } from '#domain/plan/integration.machine.js';
import type { PhaseApproval, PhaseEnd, PhaseMode, PhaseStatus } from '#domain/plan/phase.machine.js';
import type {
  AttemptState,
  ExecutorKind,
  IntegrationState,
  PhaseState,
  RunState,
  TaskEffect,
  TaskState,
} from '#domain/plan/state.js';
import type { TaskStatus } from '#domain/plan/task.machine.js';
import type { RunStatus } from '#domain/plan/verification-run.machine.js';
import type { Integration, Phase, PlanTask, TaskAttempt, VerificationRun } from './generated/client.js';

/** From rows to what decisions see. Text columns are narrowed here: their CHECKs list the same values. */

export function toPhase(row: Phase): PhaseState {
  return {
    ...row,
    mode: row.mode as PhaseMode,
    approval: row.approval as PhaseApproval,
    atEnd: row.atEnd as PhaseEnd,
    status: row.status as PhaseStatus,
  };
}

export function toTask(row: PlanTask): TaskState {
  return {
    ...row,
    status: row.status as TaskStatus,
    effect: row.effect as TaskEffect,
    executorKind: (row.executor as { kind: ExecutorKind }).kind,
    writeScope: row.writeScope as string[],
  };
}

export function toAttempt(row: TaskAttempt): AttemptState {
  return { ...row, status: row.status as AttemptStatus };
}

export function toRun(row: VerificationRun): RunState {
  return { ...row, status: row.status as RunStatus };
}

export function toIntegration(row: Integration): IntegrationState {
  return { ...row, status: row.status as IntegrationStatus };
}
