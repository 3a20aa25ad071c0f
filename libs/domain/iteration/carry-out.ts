import {
  addPhase,
  addTask,
  deletePhase,
  deleteTask,
  updatePhase,
  updateTask,
  type Draft,
  type DraftTask,
} from '../plan/draft.js';
import { splitContract } from '../plan/supersedes.js';
import { DomainError } from '../domain-error.js';
import type { Change, SuggestedTask } from './suggestion.js';

/** Where new ids and numbers come from. */
export interface Fresh {
  readonly id: () => string;
  /** A number that no task of the plan ever had. */
  readonly number: () => number;
}

/** What a change makes of a plan in which its target still is. @throws DomainError where it cannot be */
export function carryOut(draft: Draft, change: Change, fresh: Fresh): Draft {
  switch (change.operation) {
    case 'update_task':
      return updateTask(draft, change.taskId, change.after);
    case 'add_task': {
      const { phaseId, after } = change.place;
      const position = behindTask(tasksOf(draft, phaseId), after);
      return addTask(draft, phaseId, made(change.task, fresh), position);
    }
    case 'remove_task':
      return removeTask(draft, change.taskId);
    case 'split_task':
      return splitTask(draft, change.taskId, change.into, fresh);
    case 'move_task': {
      const { phaseId, after } = change.after;
      const others = tasksOf(draft, phaseId).filter(({ id }) => id !== change.taskId);
      return updateTask(draft, change.taskId, {}, { phaseId, position: behindTask(others, after) });
    }
    case 'update_phase':
      return updatePhase(draft, change.phaseId, change.after);
    case 'add_phase': {
      const tasks = change.phase.tasks.map((task) => made(task, fresh));
      const phase = { ...change.phase, id: fresh.id(), tasks };
      return addPhase(draft, phase, behindPhase(draft.phases, change.afterPhaseId));
    }
    case 'remove_phase':
      return removePhase(draft, change.phaseId);
    case 'move_phase': {
      const others = draft.phases.filter(({ id }) => id !== change.phaseId);
      return updatePhase(draft, change.phaseId, {}, behindPhase(others, change.after));
    }
  }
}

function made(task: SuggestedTask, fresh: Fresh): DraftTask {
  return { ...task, id: fresh.id(), number: fresh.number() };
}

function tasksOf(draft: Draft, phaseId: string): readonly DraftTask[] {
  return draft.phases.find(({ id }) => id === phaseId)?.tasks ?? [];
}

/** 1-based position behind the one of that key; null: the first. */
function behindTask(tasks: readonly DraftTask[], key: string | null): number {
  return key === null ? 1 : tasks.findIndex((task) => task.key === key) + 2;
}

function behindPhase(phases: readonly { readonly id: string }[], id: string | null): number {
  return id === null ? 1 : phases.findIndex((phase) => phase.id === id) + 2;
}

/** Who waited for it waits for what it waited for, so that the order of the others stays. */
function removeTask(draft: Draft, taskId: string): Draft {
  const task = taskOf(draft, taskId);
  return withWaiters(deleteTask(draft, taskId), task.key, task.dependsOn);
}

function removePhase(draft: Draft, phaseId: string): Draft {
  const emptied = tasksOf(draft, phaseId).reduce((rest, { id }) => removeTask(rest, id), draft);
  return deletePhase(emptied, phaseId);
}

/** The parts take the task's place: what waited for it waits for those parts for which no other part waits. */
function splitTask(draft: Draft, taskId: string, into: readonly SuggestedTask[], fresh: Fresh): Draft {
  const task = taskOf(draft, taskId);
  refuseSuperseded(draft, task);
  const phase = draft.phases.find(({ tasks }) => tasks.includes(task));
  const place = (phase?.tasks.indexOf(task) ?? 0) + 1;
  const keys = new Set(into.map(({ key }) => key));
  const needed = new Set(into.flatMap(({ dependsOn }) => dependsOn));
  const ends = into.filter(({ key }) => !needed.has(key)).map(({ key }) => key);
  const rest = withWaiters(deleteTask(draft, taskId), task.key, ends);
  return into.reduce((plan, part, at) => {
    const isFirst = !part.dependsOn.some((key) => keys.has(key));
    const dependsOn = isFirst ? [...new Set([...task.dependsOn, ...part.dependsOn])] : part.dependsOn;
    return addTask(plan, phase?.id ?? '', made({ ...part, dependsOn }, fresh), place + at);
  }, rest);
}

/** A contract belongs to one task: nobody but a person can say which part proves it. */
function refuseSuperseded(draft: Draft, task: DraftTask): void {
  const other = allTasks(draft).find(({ supersedes }) =>
    supersedes.some((name) => splitContract(name).task === task.key),
  );
  if (other === undefined) return;
  throw new DomainError('conflict', `Task "${other.key}" supersedes what task "${task.key}" proves.`);
}

function withWaiters(draft: Draft, key: string, instead: readonly string[]): Draft {
  const phases = draft.phases.map((phase) => ({
    ...phase,
    tasks: phase.tasks.map((task) =>
      task.dependsOn.includes(key)
        ? {
            ...task,
            dependsOn: [...new Set(task.dependsOn.flatMap((each) => (each === key ? instead : [each])))],
          }
        : task,
    ),
  }));
  return { ...draft, phases };
}

function taskOf(draft: Draft, taskId: string): DraftTask {
  const task = allTasks(draft).find(({ id }) => id === taskId);
  if (task === undefined) throw new DomainError('not_found', `The plan has no task ${taskId}.`);
  return task;
}

function allTasks(draft: Draft): DraftTask[] {
  return draft.phases.flatMap(({ tasks }) => tasks);
}
