import { z } from 'zod';
import type { PlanFileInput } from '#contracts/plan/plan-file.js';
import { resolvePlanValue, type ResolvedPlan } from '#contracts/plan/resolve-plan.js';
import { MAX_SPEC, MAX_TASKS, phaseAnswer } from '../model/task-answer.js';
import type { GenerationRequest } from './request.js';

/** What a model answers with when it plans. Tighter than a plan file, which people write. */

const MAX_PHASES = 20;

export const planAnswer = z.strictObject({ phases: z.array(phaseAnswer).min(1).max(MAX_PHASES) });
export type PlanAnswer = z.output<typeof planAnswer>;

/** Every rule of plan files holds for what a model answers, besides the bounds above: what is broken, as sentences. */
export function problemsOfPlan(answer: PlanAnswer, request: GenerationRequest): string[] {
  const tasks = answer.phases.reduce((sum, phase) => sum + phase.tasks.length, 0);
  const tooMany = tasks > MAX_TASKS ? [`The plan has ${tasks} tasks, of at most ${MAX_TASKS}.`] : [];
  const resolved = resolvePlanValue(toPlanValue(answer, request));
  if (resolved.ok) return tooMany;
  const broken = resolved.problems.map(({ path, line, message }) => {
    const where = line === undefined ? path : `${path}, line ${line} of it`;
    return `${where === '' ? 'The plan' : where}: ${message}.`;
  });
  return [...tooMany, ...broken];
}

/** The plan of an answer without problems. */
export function planOf(answer: PlanAnswer, request: GenerationRequest): ResolvedPlan & { readonly ok: true } {
  const resolved = resolvePlanValue(toPlanValue(answer, request));
  if (!resolved.ok) throw new Error(`a plan that was checked is not valid: ${resolved.problems[0]?.message}`);
  return resolved;
}

/** Who carries tasks out is the caller's word, never the model's. */
function toPlanValue(answer: PlanAnswer, { title, description, executor }: GenerationRequest): PlanFileInput {
  return {
    name: title,
    description,
    phases: answer.phases.map((phase) => ({
      ...phase,
      tasks: phase.tasks.map(({ spec, ...task }) => ({
        ...task,
        executor: executor as PlanFileInput['phases'][number]['tasks'][number]['executor'],
        ...(spec === null || spec.trim() === '' ? {} : { spec }),
      })),
    })),
  };
}

/** Specs that are to be written anew. */
export const specsAnswer = z.strictObject({
  specs: z
    .array(z.strictObject({ key: z.string().max(63), spec: z.string().max(MAX_SPEC).nullable() }))
    .max(MAX_TASKS),
});
export type SpecsAnswer = z.output<typeof specsAnswer>;

/** The answer with other specs for the tasks that are named. */
export function withSpecs(answer: PlanAnswer, { specs }: SpecsAnswer): PlanAnswer {
  const anew = new Map(specs.map(({ key, spec }) => [key, spec]));
  return {
    phases: answer.phases.map((phase) => ({
      ...phase,
      tasks: phase.tasks.map((task) => ({
        ...task,
        spec: anew.has(task.key) ? (anew.get(task.key) ?? null) : task.spec,
      })),
    })),
  };
}

/** What is wrong with new specs, as sentences. */
export function problemsOfSpecs(
  answer: PlanAnswer,
  specs: SpecsAnswer,
  { keys, request }: { readonly keys: readonly string[]; readonly request: GenerationRequest },
): string[] {
  const strange = specs.specs.filter(({ key }) => !keys.includes(key));
  return [
    ...strange.map(({ key }) => `Nobody asked for a spec of "${key}"; only for ${keys.join(', ')}.`),
    ...problemsOfPlan(withSpecs(answer, specs), request),
  ];
}
