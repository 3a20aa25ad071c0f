import { z } from 'zod';
import { globProblem } from '#domain/spec/glob.js';
import { PHASE_MODES } from '#domain/plan/phase.machine.js';
import { CLEAN, isClean } from '../text.js';

/** The shape of a plan as a person writes it: one YAML file, or the same as JSON. Unknown keys are errors. */

const name = z.string().trim().min(1).max(200).refine(isClean, CLEAN);
const text = z.string().max(50_000).refine(isClean, CLEAN);
/** Free JSON: clean keys and strings at any depth. */
const metadata = z.record(z.string(), z.unknown()).refine((value) => stringsOf(value).every(isClean), CLEAN);
const glob = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .superRefine((value, context) => {
    const problem = globProblem(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  });
const key = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and dashes, at most 63');

/** `90s`, `5m`, `1h`; 1 s to 24 h. Gives seconds. */
export const duration = z
  .string()
  .regex(/^[1-9][0-9]{0,5}(s|m|h)$/, 'must be a number with s, m or h, such as 90s')
  .transform(
    (value) => Number(value.slice(0, -1)) * { s: 1, m: 60, h: 3600 }[value.slice(-1) as 's' | 'm' | 'h'],
  )
  .refine((seconds) => seconds <= 86_400, 'must be at most 24h');

export const commandExecutorSchema = z.strictObject({
  command: z.string().trim().min(1).max(10_000).refine(isClean, CLEAN),
  timeout: duration.default(600),
});

export const taskFileSchema = z.strictObject({
  key: key.optional(),
  title: name,
  prompt: text.default(''),
  dependsOn: z.array(key).max(200).default([]),
  executor: commandExecutorSchema,
  /** Protected paths that this task may touch. */
  mayChange: z.array(glob).max(200).default([]),
  /** Where it will write; tasks whose scopes overlap do not run side by side. */
  writes: z.array(glob).max(200).default([]),
  maxAttempts: z.int().min(1).max(20).optional(),
  /** The spec itself, or a path that whoever reads the file resolves before it sends it. */
  spec: z
    .union(
      [z.string().min(1).max(1_000_000).refine(isClean, CLEAN), metadata],
      'must be a map, its text (at most 1 MB of clean Unicode), or the path of its file',
    )
    .optional(),
});

export const phaseFileSchema = z.strictObject({
  name,
  description: text.default(''),
  mode: z.enum(PHASE_MODES),
  successCriteria: z.array(z.string().min(1).max(1_000).refine(isClean, CLEAN)).max(50).default([]),
  tasks: z.array(taskFileSchema).max(10_000),
});

export const planFileSchema = z.strictObject({
  name,
  description: text.default(''),
  metadata: metadata.default({}),
  /** Branch, tag or commit the work starts from; the origin's current branch when absent. */
  base: z.string().min(1).max(500).optional(),
  /** Branch that `finish` merges into; the base branch when absent. */
  target: z.string().min(1).max(500).optional(),
  concurrency: z.int().min(1).max(100).default(4),
  maxAttempts: z.int().min(1).max(20).default(3),
  phases: z.array(phaseFileSchema).max(1_000),
});
export type PlanFile = z.output<typeof planFileSchema>;
export type PlanFileInput = z.input<typeof planFileSchema>;

/** Keys allowed at each place, by its path with list positions as `*`; for "did you mean". */
export const KNOWN_PLAN_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(planFileSchema.shape),
  'phases.*': Object.keys(phaseFileSchema.shape),
  'phases.*.tasks.*': Object.keys(taskFileSchema.shape),
  'phases.*.tasks.*.executor': Object.keys(commandExecutorSchema.shape),
};

function stringsOf(value: unknown): string[] {
  const strings: string[] = [];
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') strings.push(next);
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next)) strings.push(...Object.keys(next));
    open.push(...Object.values(next));
  }
  return strings;
}
