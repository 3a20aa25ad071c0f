import { DomainError } from '#domain/domain-error.js';
import {
  addPhase as withPhase,
  addTask as withTask,
  type Draft,
  type DraftTask,
} from '#domain/plan/draft.js';
import type { EngineDeps } from '../deps.js';
import { editPlan, type EditCommand } from './edit-plan.js';
import { taskFields, type TaskInput } from './task-fields.js';

/** A phase by its id, or by its number: the last one when that is absent. */
export type PhasePlace =
  { readonly phaseId: string } | { readonly phaseId?: undefined; readonly phase?: number | undefined };

/** Adds a task to a phase. @returns where it is */
export async function addTask(
  deps: EngineDeps,
  command: EditCommand &
    PhasePlace & { readonly task: TaskInput & { readonly position?: number | undefined } },
): Promise<{ readonly planId: string; readonly taskNumber: number }> {
  const { planId, task } = command;
  const [id, firstPhaseId] = [deps.ids.next(), deps.ids.next()];
  let taskNumber = 0;
  await editPlan(deps, command, `Task "${task.title ?? ''}" added`, (before, number) => {
    taskNumber = number;
    const { draft, phaseId } = withHome(before, command, firstPhaseId);
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
      writtenBy: 'person',
      effect: 'change',
      assignedTo: null,
      mayChange: [],
      writes: [],
      supersedes: [],
      needs: [],
      profile: null,
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

/** The phase that is meant; a plan without phases gets its first. @throws DomainError `not_found` */
function withHome(
  draft: Draft,
  place: PhasePlace,
  firstPhaseId: string,
): { readonly draft: Draft; readonly phaseId: string } {
  if (place.phaseId !== undefined) return { draft, phaseId: place.phaseId };
  const number = place.phase ?? Math.max(1, draft.phases.length);
  const phase = draft.phases[number - 1];
  if (phase !== undefined) return { draft, phaseId: phase.id };
  if (number > 1) {
    throw new DomainError('not_found', `The plan has no phase ${number}.`, {
      remedy: `It has ${draft.phases.length}. Add one with POST /api/phases, or \`planwright add-phase\`.`,
    });
  }
  const first = {
    id: firstPhaseId,
    name: 'Tasks',
    description: '',
    mode: 'sequential' as const,
    approval: 'none' as const,
  };
  return {
    draft: withPhase(draft, {
      ...first,
      atEnd: 'continue',
      concurrency: null,
      successCriteria: [],
      tasks: [],
    }),
    phaseId: firstPhaseId,
  };
}
