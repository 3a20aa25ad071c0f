import { TASK_DONE } from '#domain/plan/task.machine.js';
import type { PhaseState, TaskState } from '#domain/plan/state.js';

interface Row extends Pick<TaskState, 'id' | 'phaseId' | 'verified'> {
  status: TaskState['status'];
  openDependencies: number;
  readonly dependsOn: readonly string[];
}
interface Rows {
  readonly phases: readonly Pick<PhaseState, 'id' | 'status'>[];
  readonly tasks: readonly Row[];
}

/** Whether what depends on the task may go on: it is done, or a person said that skipping it satisfies. */
export function satisfies({ status, verified }: Pick<Row, 'status' | 'verified'>): boolean {
  return TASK_DONE.includes(status) || (status === 'skipped' && verified !== null);
}

/** One dependency of every dependant is met. */
export function releaseDependants(state: Rows, taskId: string): void {
  for (const task of dependantsOf(state, taskId)) {
    task.openDependencies -= 1;
    if (task.status === 'pending') task.status = waiting(state, task);
  }
}

/** The work of a skipped task is missing: what needs it, directly or through what is blocked so, is blocked. */
export function blockDependants(state: Rows, taskId: string): void {
  for (const task of dependantsOf(state, taskId)) {
    if (!['pending', 'ready', 'awaiting_approval'].includes(task.status)) continue;
    task.status = 'blocked';
    blockDependants(state, task.id);
  }
}

/** Blocked tasks that no missing work blocks any more wait again, or are ready. */
export function unblockDependants(state: Rows, taskId: string): void {
  for (const task of dependantsOf(state, taskId)) {
    if (task.status !== 'blocked') continue;
    const isHeld = state.tasks.some(
      (other) =>
        task.dependsOn.includes(other.id) &&
        (other.status === 'blocked' || (other.status === 'skipped' && other.verified === null)),
    );
    if (isHeld) continue;
    task.status = waiting(state, task);
    unblockDependants(state, task.id);
  }
}

function dependantsOf({ tasks }: Rows, taskId: string): Row[] {
  return tasks.filter(({ dependsOn }) => dependsOn.includes(taskId));
}

function waiting({ phases }: Rows, { openDependencies, phaseId }: Row): 'ready' | 'pending' {
  const phase = phases.find(({ id }) => id === phaseId);
  return openDependencies === 0 && phase?.status === 'running' ? 'ready' : 'pending';
}
