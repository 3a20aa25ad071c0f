import type { DraftPhase, DraftTask, PhaseFields, TaskFields } from '../plan/draft.js';

/** What a review asks for: to say it better, what is missing, in which order, or in smaller steps. */
export const REVIEW_TYPES = ['refine_descriptions', 'add_missing', 'optimize_order', 'break_down'] as const;
export type ReviewType = (typeof REVIEW_TYPES)[number];

/** How much of the plan a review looks at. */
export const REVIEW_SCOPES = ['plan', 'phase', 'task'] as const;
export type ReviewScope = (typeof REVIEW_SCOPES)[number];

/** A task to be: id and number are given when it is added. */
export type SuggestedTask = Omit<DraftTask, 'id' | 'number'>;
export type SuggestedPhase = Omit<DraftPhase, 'id' | 'tasks'> & { readonly tasks: readonly SuggestedTask[] };

/** Where a task stands. */
export interface TaskPlace {
  readonly phaseId: string;
  /** Key of the task in front of it, which another suggestion may be about to add; null: it is the first. */
  readonly after: string | null;
}

/**
 * One change to a plan's structure. `before` is what the reviewer saw of its target: where that is no longer so, the
 * suggestion is about a plan that is gone.
 */
export type Change =
  | {
      readonly operation: 'update_task';
      readonly taskId: string;
      readonly before: TaskFields;
      readonly after: TaskFields;
    }
  | { readonly operation: 'add_task'; readonly place: TaskPlace; readonly task: SuggestedTask }
  | { readonly operation: 'remove_task'; readonly taskId: string; readonly before: DraftTask }
  | {
      readonly operation: 'split_task';
      readonly taskId: string;
      readonly before: DraftTask;
      /** At least two. Those that wait for none of the others wait for what the task waited for. */
      readonly into: readonly SuggestedTask[];
    }
  | {
      readonly operation: 'move_task';
      readonly taskId: string;
      readonly before: TaskPlace;
      readonly after: TaskPlace;
    }
  | {
      readonly operation: 'update_phase';
      readonly phaseId: string;
      readonly before: PhaseFields;
      readonly after: PhaseFields;
    }
  | { readonly operation: 'add_phase'; readonly afterPhaseId: string | null; readonly phase: SuggestedPhase }
  | { readonly operation: 'remove_phase'; readonly phaseId: string; readonly before: DraftPhase }
  | {
      readonly operation: 'move_phase';
      readonly phaseId: string;
      /** The phase that it stood behind. */
      readonly before: string | null;
      readonly after: string | null;
    };
export type Operation = Change['operation'];

export interface Suggestion {
  readonly change: Change;
  readonly reason: string;
}
