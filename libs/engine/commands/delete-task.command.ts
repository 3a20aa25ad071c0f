import { deleteTask as withoutTask } from '#domain/plan/draft.js';
import type { EngineDeps } from '../deps.js';
import { editPlan, type EditCommand } from './edit-plan.js';
import { taskIdOf } from './task-id.js';

/** Deletes a task; refused while others depend on it. Its number is never given again. */
export function deleteTask(
  deps: EngineDeps,
  command: EditCommand & { readonly taskNumber: number },
): Promise<void> {
  return editPlan(deps, command, `Task ${command.taskNumber} deleted`, (draft) =>
    withoutTask(draft, taskIdOf(draft, command.taskNumber)),
  );
}
