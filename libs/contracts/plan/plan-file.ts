import { z } from 'zod';
import { globProblem } from '#domain/spec/glob.js';
import { PHASE_APPROVALS, PHASE_ENDS, PHASE_MODES } from '#domain/plan/phase.machine.js';
import { TASK_EFFECTS } from '#domain/plan/state.js';
import { effectProblems, impliedEffect } from '#domain/plan/task-effect.js';
import { CLEAN, isClean, isCleanJson } from '../text.js';
import {
  executorFileSchema,
  executorKindOf,
  EXECUTOR_KEYS,
  saysCheckout,
  TOOLS_KEYS,
  WAIT_KEYS,
} from './executor-file.js';
import { CLAUDE_KEYS, RUNG_KEYS } from './claude-file.js';
import { budgetFileSchema } from './budget-file.js';
import { duration } from './duration.js';
import { capability, glob, key } from './plan-words.js';

/** The shape of a plan as a person writes it: one YAML file, or the same as JSON. Unknown keys are errors. */

const name = z.string().trim().min(1).max(200).refine(isClean, CLEAN);
const text = z.string().max(50_000).refine(isClean, CLEAN);
/** Free JSON: clean keys and strings at any depth. */
const metadata = z.record(z.string(), z.unknown()).refine(isCleanJson, CLEAN);
/** `users.no-legacy-auth` */
export const contractName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}\.[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'must be the key or number of a task, a dot, and the id of its rule or check',
  );

const taskShape = z.strictObject({
  key: key.optional(),
  title: name,
  prompt: text.default(''),
  dependsOn: z.array(key).max(200).default([]),
  /** Absent: that of its profile, or of the one that fits what it needs. */
  executor: executorFileSchema.default({ profile: {} }),
  /** What becomes of its work: a commit, or a stored result; by default what its executor implies. */
  effect: z.enum(TASK_EFFECTS).optional(),
  /** Name of the actor whose task it is. */
  assignedTo: name.optional(),
  /** Protected paths that this task may touch. */
  mayChange: z.array(glob).max(200).default([]),
  /** Where it will write; tasks whose scopes overlap do not run side by side. */
  writes: z.array(glob).max(200).default([]),
  /** What earlier tasks proved and this one may break: their key or number, and the id of a rule or check. */
  supersedes: z.array(contractName).max(200).default([]),
  /** Capabilities that whoever carries it out must have; without an executor, a profile is chosen by them. */
  needs: z.array(capability).max(20).default([]),
  /** Slug of the profile that it is done under. */
  profile: key.optional(),
  maxAttempts: z.int().min(1).max(20).optional(),
  /** The spec itself, or a path that whoever reads the file resolves before it sends it. */
  spec: z
    .union(
      [z.string().min(1).max(1_000_000).refine(isClean, CLEAN), metadata],
      'must be a map, its text (at most 1 MB of clean Unicode), or the path of its file',
    )
    .optional(),
});

/** A task of a plan file, with the rules that join its keys. */
export const taskFileSchema = taskShape.superRefine((task, context) => {
  const effect = task.effect ?? impliedEffect(executorKindOf(task.executor));
  const { executor, mayChange, writes, supersedes, needs, profile = null } = task;
  const problems = effectProblems({
    effect,
    executorKind: executorKindOf(executor),
    checkout: saysCheckout(executor),
    hasSpec: task.spec !== undefined,
    mayChange,
    writes,
    supersedes,
    profile,
    needs,
  });
  for (const { path, message } of problems) context.addIssue({ code: 'custom', path: [...path], message });
});

export const phaseFileSchema = z.strictObject({
  name,
  description: text.default(''),
  mode: z.enum(PHASE_MODES),
  /** When a person must agree; by default `before_task` in manual phases, else `none`. */
  approval: z.enum(PHASE_APPROVALS).optional(),
  /** What follows its last task. */
  atEnd: z.enum(PHASE_ENDS).default('continue'),
  /** Tasks of the phase that may be active at once, within the plan's window. */
  concurrency: z.int().min(1).max(100).optional(),
  successCriteria: z.array(z.string().min(1).max(1_000).refine(isClean, CLEAN)).max(50).default([]),
  tasks: z.array(taskFileSchema).max(10_000),
});

/** Commands that prepare a workspace before anything runs in it. */
export const setupFileSchema = z.strictObject({
  commands: z.array(z.string().trim().min(1).max(10_000).refine(isClean, CLEAN)).min(1).max(20),
  /** Files whose content decides whether it has to run again. */
  inputs: z.array(glob).max(200).default([]),
  /** Folders that are kept, relative to the workspace. */
  caches: z
    .array(z.string().trim().min(1).max(500).refine(isClean, CLEAN).superRefine(checkFolder))
    .max(50)
    .default([]),
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'must be the name of a variable'),
      z.string().max(10_000).refine(isClean, CLEAN),
    )
    .default({}),
  /** A file of the workspace, ignored by git, that gets the variables as KEY=value. */
  envFile: z.string().trim().min(1).max(500).refine(isClean, CLEAN).superRefine(checkFolder).optional(),
  network: z.boolean().default(true),
  timeout: duration.default(600),
});
export type SetupFile = z.output<typeof setupFileSchema>;

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
  /** Plans with a higher one are given free slots first. */
  priority: z.int().min(-100).max(100).default(0),
  /** False: a person lets every verified change onto the branch. */
  autoCommit: z.boolean().default(true),
  /** What model calls may cost. */
  budget: budgetFileSchema.optional(),
  setup: setupFileSchema.optional(),
  phases: z.array(phaseFileSchema).max(1_000),
});
export type PlanFile = z.output<typeof planFileSchema>;
export type PlanFileInput = z.input<typeof planFileSchema>;

/** Keys allowed at each place, by its path with list positions as `*`; for "did you mean". */
export const KNOWN_PLAN_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(planFileSchema.shape),
  'phases.*': Object.keys(phaseFileSchema.shape),
  setup: Object.keys(setupFileSchema.shape),
  budget: Object.keys(budgetFileSchema.shape),
  'phases.*.tasks.*': Object.keys(taskFileSchema.shape),
  'phases.*.tasks.*.executor': EXECUTOR_KEYS,
  'phases.*.tasks.*.executor.claude': CLAUDE_KEYS,
  'phases.*.tasks.*.executor.claude.ladder.*': RUNG_KEYS,
  'phases.*.tasks.*.executor.tools': TOOLS_KEYS,
  'phases.*.tasks.*.executor.wait': WAIT_KEYS,
};

function checkFolder(value: string, context: z.RefinementCtx): void {
  const problem = /[*?[\]{}]/.test(value) ? 'must be a folder, not a glob' : globProblem(value);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
}
