import { z } from 'zod';
import type { ReviewType } from '#domain/iteration/suggestion.js';
import { PHASE_MODES } from '#domain/plan/phase.machine.js';
import { MAX_SPEC, phaseAnswer, taskAnswer } from '../model/task-answer.js';

/** What a model answers with when it reviews: suggestions of the operations that its type of review has. */

const MAX_SUGGESTIONS = 40;
const MAX_PARTS = 10;

const key = z.string().max(63).describe('Key of a task of the plan');
const phase = z.int().min(1).max(1_000).describe('Number of a phase of the plan');
const behindTask = key.nullable().describe('Key of the task that it comes after; null: first of its phase');
const behindPhase = z.int().min(0).max(1_000).describe('Number of the phase it comes after; 0: first');
const reason = z.string().min(1).max(2_000).describe('Why the plan is better for it, in a sentence or two');
const { title, prompt, dependsOn, writes } = taskAnswer.shape;
const { name, description, successCriteria } = phaseAnswer.shape;
const STAYS = 'null: it stays as it is';

const updateTask = z.strictObject({
  operation: z.literal('update_task'),
  task: key,
  title: title.nullable().describe(STAYS),
  prompt: prompt.nullable().describe(STAYS),
  dependsOn: dependsOn.nullable().describe(STAYS),
  writes: writes.nullable().describe(STAYS),
  spec: z.string().max(MAX_SPEC).nullable().describe(STAYS),
  reason,
});
const updatePhase = z.strictObject({
  operation: z.literal('update_phase'),
  phase,
  name: name.nullable().describe(STAYS),
  description: description.nullable().describe(STAYS),
  mode: z.enum(PHASE_MODES).nullable().describe(STAYS),
  successCriteria: successCriteria.nullable().describe(STAYS),
  reason,
});
const addTask = z.strictObject({
  operation: z.literal('add_task'),
  phase,
  after: behindTask,
  task: taskAnswer,
  reason,
});
const addPhase = z.strictObject({
  operation: z.literal('add_phase'),
  after: behindPhase,
  phase: phaseAnswer,
  reason,
});
const removeTask = z.strictObject({ operation: z.literal('remove_task'), task: key, reason });
const removePhase = z.strictObject({ operation: z.literal('remove_phase'), phase, reason });
const moveTask = z.strictObject({
  operation: z.literal('move_task'),
  task: key,
  phase,
  after: behindTask,
  reason,
});
const movePhase = z.strictObject({ operation: z.literal('move_phase'), phase, after: behindPhase, reason });
const splitTask = z.strictObject({
  operation: z.literal('split_task'),
  task: key,
  into: z.array(taskAnswer).min(2).max(MAX_PARTS),
  reason,
});

const suggestionsOf = <T extends z.ZodType>(suggestion: T) =>
  z.strictObject({ suggestions: z.array(suggestion).max(MAX_SUGGESTIONS) });

/** By type of review: what it may suggest, and nothing else. */
export const REVIEW_ANSWERS = {
  refine_descriptions: suggestionsOf(z.discriminatedUnion('operation', [updateTask, updatePhase])),
  add_missing: suggestionsOf(z.discriminatedUnion('operation', [addTask, addPhase])),
  optimize_order: suggestionsOf(
    z.discriminatedUnion('operation', [
      moveTask,
      movePhase,
      updateTask,
      updatePhase,
      removeTask,
      removePhase,
    ]),
  ),
  break_down: suggestionsOf(splitTask),
} as const satisfies Record<ReviewType, z.ZodType>;

export type ReviewAnswer = z.output<(typeof REVIEW_ANSWERS)[ReviewType]>;
export type SuggestionAnswer = ReviewAnswer['suggestions'][number];
