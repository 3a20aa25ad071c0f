import type { SuggestionView } from '#contracts/api/reviews.js';
import { staleness } from '#domain/iteration/staleness.js';
import type { Change, TaskPlace } from '#domain/iteration/suggestion.js';
import type { Draft, DraftPhase } from '#domain/plan/draft.js';
import { writtenExecutor } from '../executors.js';
import type { ExecutorConfig } from '../ports/agent.port.js';
import type { ReviewResult } from './review-result.js';

/** Suggestions as people see them, against the plan as it is now. */
export function shownSuggestions(draft: Draft, { suggestions, applied }: ReviewResult): SuggestionView[] {
  return suggestions.map(({ change, reason }, index) => {
    const appliedIn = applied[String(index)] ?? null;
    const why = appliedIn === null ? staleness(draft, change) : null;
    const status = appliedIn !== null ? 'applied' : why === null ? 'open' : 'stale';
    const { operation } = change;
    const target = targetOf(draft, change);
    return { index, operation, target, reason, ...sidesOf(draft, change), status, why, appliedIn };
  });
}

function targetOf(draft: Draft, change: Change): string {
  switch (change.operation) {
    case 'add_task':
      return phaseName(draft, change.place.phaseId);
    case 'add_phase':
      return `phase (${change.phase.name})`;
    case 'update_phase':
    case 'remove_phase':
    case 'move_phase':
      return phaseName(draft, change.phaseId);
    case 'remove_task':
    case 'split_task':
      return `task ${change.before.number} (${change.before.key})`;
    case 'update_task':
    case 'move_task': {
      const tasks = draft.phases.flatMap((phase) => phase.tasks);
      const task = tasks.find(({ id }) => id === change.taskId);
      return task === undefined ? 'a task that is gone' : `task ${task.number} (${task.key})`;
    }
  }
}

/** Before and after, without what nobody reads: ids and hashes. */
function sidesOf(draft: Draft, change: Change): Pick<SuggestionView, 'before' | 'after'> {
  switch (change.operation) {
    case 'update_task':
      return { before: shownFields(change.before), after: shownFields(change.after) };
    case 'update_phase':
      return { before: change.before, after: change.after };
    case 'add_task':
      return { before: null, after: { ...shownPlace(draft, change.place), task: shownFields(change.task) } };
    case 'add_phase': {
      const { phase, afterPhaseId } = change;
      const after = afterPhaseId === null ? null : phaseName(draft, afterPhaseId);
      return { before: null, after: { after, phase: { ...phase, tasks: phase.tasks.map(shownFields) } } };
    }
    case 'remove_task':
      return { before: shownFields(change.before), after: null };
    case 'remove_phase':
      return { before: shownPhase(change.before), after: null };
    case 'split_task':
      return { before: shownFields(change.before), after: change.into.map(shownFields) };
    case 'move_task':
      return { before: shownPlace(draft, change.before), after: shownPlace(draft, change.after) };
    case 'move_phase': {
      const named = (id: string | null) => ({ after: id === null ? null : phaseName(draft, id) });
      return { before: named(change.before), after: named(change.after) };
    }
  }
}

function shownPhase({ id: _, tasks, ...fields }: DraftPhase): object {
  return { ...fields, tasks: tasks.map(shownFields) };
}

function shownPlace(draft: Draft, { phaseId, after }: TaskPlace): object {
  return { phase: phaseName(draft, phaseId), after };
}

function shownFields(task: object): object {
  const fields = Object.entries(task).flatMap(([field, value]): [string, unknown][] => {
    if (field === 'id') return [];
    if (field === 'executor') return [[field, writtenExecutor(value as ExecutorConfig)]];
    if (field === 'spec') return [[field, (value as { readonly yaml: string } | null)?.yaml ?? null]];
    return [[field, value]];
  });
  return Object.fromEntries(fields);
}

function phaseName(draft: Draft, phaseId: string): string {
  const at = draft.phases.findIndex(({ id }) => id === phaseId);
  return at < 0 ? 'a phase that is gone' : `phase ${at + 1} (${draft.phases[at]?.name ?? ''})`;
}
