import { DomainError } from '#domain/domain-error.js';
import { addTask as withTask, type DraftTask } from '#domain/plan/draft.js';
import type { EngineDeps } from '../deps.js';
import { editPlan, type EditCommand } from './edit-plan.js';
import { requireAssignee, taskFields, type TaskInput } from './task-fields.js';

/** Adds a task to a phase. @returns where it is */
export async function addTask(
  deps: EngineDeps,
  command: EditCommand & {
    readonly phaseId: string;
    readonly task: TaskInput & { readonly position?: number | undefined };
  },
): Promise<{ readonly planId: string; readonly taskNumber: number }> {
  const { planId, phaseId, task } = command;
  const id = deps.ids.next();
  let taskNumber = 0;
  await requireAssignee(deps, task);
  await editPlan(deps, command, `Task "${task.title ?? ''}" added`, (draft, number) => {
    taskNumber = number;
    const fields = taskFields(draft, task);
    const { title, executor } = fields;
    if (title === undefined || executor === undefined) {
      throw new DomainError('invalid', 'A task needs a title and an executor; nothing was changed.');
    }
    const created: DraftTask = {
      id,
      number,
      key: `task-${number}`,
      prompt: '',
      effect: 'change',
      assignedTo: null,
      mayChange: [],
      writes: [],
      maxAttempts: draft.maxAttempts,
      spec: null,
      dependsOn: [],
      ...fields,
      title,
      executor,
    };
    return withTask(draft, phaseId, created, task.position);
  });
  return { planId, taskNumber };
}
