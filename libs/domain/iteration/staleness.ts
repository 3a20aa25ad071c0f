import { canonicalJson } from '../canonical-json.js';
import type { Draft, DraftPhase, DraftTask } from '../plan/draft.js';
import type { Change, TaskPlace } from './suggestion.js';

/** Why a change is no longer about the plan as it is: a sentence; null: its target is what the reviewer saw. */
export function staleness(draft: Draft, change: Change): string | null {
  switch (change.operation) {
    case 'update_task':
      return ofTask(draft, change.taskId, (task) => changedSince(task, change.before));
    case 'remove_task':
    case 'split_task':
      return ofTask(draft, change.taskId, (task) => changedSince(task, change.before));
    case 'move_task':
      return ofTask(draft, change.taskId, () => {
        const moved = same(placeOf(draft, change.taskId), change.before) ? null : 'It was moved since.';
        return moved ?? placeProblem(draft, change.after);
      });
    case 'add_task':
      return placeProblem(draft, change.place) ?? keyProblem(draft, [change.task.key]);
    case 'update_phase':
    case 'remove_phase':
      return ofPhase(draft, change.phaseId, (phase) => changedSince(phase, change.before));
    case 'move_phase':
      return ofPhase(draft, change.phaseId, () => {
        const stands = phaseBefore(draft, change.phaseId) === change.before;
        return stands ? anchorProblem(draft, change.after) : 'It was moved since.';
      });
    case 'add_phase':
      return (
        anchorProblem(draft, change.afterPhaseId) ??
        keyProblem(
          draft,
          change.phase.tasks.map(({ key }) => key),
        )
      );
  }
}

/** Where a task stands; null: there is none of that id. */
export function placeOf(draft: Draft, taskId: string): TaskPlace | null {
  for (const { id: phaseId, tasks } of draft.phases) {
    const at = tasks.findIndex(({ id }) => id === taskId);
    if (at >= 0) return { phaseId, after: tasks[at - 1]?.key ?? null };
  }
  return null;
}

/** The phase in front of it; null: it is the first. */
export function phaseBefore(draft: Draft, phaseId: string): string | null {
  return draft.phases[draft.phases.findIndex(({ id }) => id === phaseId) - 1]?.id ?? null;
}

function ofTask(draft: Draft, id: string, judge: (task: DraftTask) => string | null): string | null {
  const task = draft.phases.flatMap(({ tasks }) => tasks).find((each) => each.id === id);
  return task === undefined ? 'Its task is not in the plan any more.' : judge(task);
}

function ofPhase(draft: Draft, id: string, judge: (phase: DraftPhase) => string | null): string | null {
  const phase = draft.phases.find((each) => each.id === id);
  return phase === undefined ? 'Its phase is not in the plan any more.' : judge(phase);
}

function changedSince(now: object, before: object): string | null {
  const current = new Map(Object.entries(now));
  const changed = Object.entries(before).filter(([field, value]) => !same(current.get(field), value));
  return changed.length === 0 ? null : `Changed since: ${changed.map(([field]) => field).join(', ')}.`;
}

function placeProblem(draft: Draft, { phaseId, after }: TaskPlace): string | null {
  return ofPhase(draft, phaseId, ({ tasks }) =>
    after === null || tasks.some(({ key }) => key === after)
      ? null
      : `Task "${after}", behind which it belongs, is not in that phase.`,
  );
}

function anchorProblem(draft: Draft, phaseId: string | null): string | null {
  return phaseId === null || draft.phases.some(({ id }) => id === phaseId)
    ? null
    : 'The phase behind which it belongs is not in the plan any more.';
}

function keyProblem(draft: Draft, keys: readonly string[]): string | null {
  const taken = new Set(draft.phases.flatMap(({ tasks }) => tasks.map(({ key }) => key)));
  const key = keys.find((each) => taken.has(each));
  return key === undefined ? null : `The plan has a task with the key "${key}" by now.`;
}

/** By value, whatever the order of the keys: one of the two has been through the database. */
function same(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other);
}
