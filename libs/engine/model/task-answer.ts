import { z } from 'zod';
import { PHASE_MODES } from '#domain/plan/phase.machine.js';

/** Tasks and phases as a model writes them: tighter than a plan file, which people write. */

export const MAX_TASKS = 100;
const MAX_PROMPT = 12_000;
export const MAX_SPEC = 20_000;

const globs = z.array(z.string().max(300)).max(50);

export const taskAnswer = z.strictObject({
  key: z.string().max(63).describe('Lower-case letters, digits and dashes; unique in the plan'),
  title: z.string().max(200).describe('Imperative; the subject of its commit'),
  prompt: z.string().max(MAX_PROMPT).describe('All that whoever carries it out has to know'),
  dependsOn: z.array(z.string().max(63)).max(50).describe('Keys of tasks in this phase or an earlier one'),
  writes: globs.describe('Globs of the files it will write'),
  mayChange: globs.describe('Globs of protected files it has to change; nearly always empty'),
  needs: z
    .array(z.string().max(63))
    .max(20)
    .describe(
      'Capabilities that the work needs, such as typescript, sql, css, writing; short names of lower-case letters, digits and dashes',
    ),
  spec: z
    .string()
    .max(MAX_SPEC)
    .nullable()
    .describe('YAML that is red before the work and green after it; null where nothing can be said'),
});
export type TaskAnswer = z.output<typeof taskAnswer>;

export const phaseAnswer = z.strictObject({
  name: z.string().max(200),
  description: z.string().max(4_000),
  mode: z.enum(PHASE_MODES),
  successCriteria: z.array(z.string().max(500)).max(20),
  tasks: z.array(taskAnswer).min(1).max(MAX_TASKS),
});
