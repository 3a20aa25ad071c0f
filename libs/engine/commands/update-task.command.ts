import { updateTask as withChanges } from '#domain/plan/draft.js';
import type { EngineDeps } from '../deps.js';
import { editPlan, type EditCommand } from './edit-plan.js';
import { requireAssignee, taskFields, type TaskInput } from './task-fields.js';
import { taskIdOf } from './task-id.js';

/** Changes or moves a task. */
export async function updateTask(
  deps: EngineDeps,
  command: EditCommand & {
    readonly taskNumber: number;
    readonly changes: TaskInput & {
      readonly phaseId?: string | undefined;
      readonly position?: number | undefined;
    };
  },
): Promise<void> {
  const { taskNumber, changes } = command;
  const { phaseId, position } = changes;
  await requireAssignee(deps, changes);
  return editPlan(deps, command, `Task ${taskNumber} changed`, (draft) =>
    withChanges(draft, taskIdOf(draft, taskNumber), taskFields(draft, changes), { phaseId, position }),
  );
}
