import { z } from 'zod';
import { mayRun } from '#domain/profile/commands.js';
import { PROFILE_MODES, PROFILE_TOOLS, SETTABLE_STATUSES } from '#domain/profile/profile.js';
import { executorFileSchema } from '../plan/executor-file.js';
import { capability, glob, key } from '../plan/plan-words.js';
import { CLEAN, isClean, isCleanJson } from '../text.js';

/** The shape of a profile as a person writes it. Unknown keys are errors. */

const globs = z.array(glob).max(200);

const command = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .refine(isClean, CLEAN)
  .refine((line) => mayRun([line], line), 'must be the first words of a line, without signs of the shell');

const shape = {
  /** Where it may write; empty: anywhere. */
  writes: globs,
  /** Where it may not, whatever `writes` says. */
  forbids: globs,
  maxFiles: z.int().min(1).max(100_000).nullable(),
  /** Lines added and removed. */
  maxLines: z.int().min(1).max(10_000_000).nullable(),
  /** False takes away what network its executor has; true grants none. */
  network: z.boolean(),
  /** First words of the lines that it may run; null: any. */
  commands: z.array(command).max(200).nullable(),
};

const constraints = z.strictObject({
  writes: shape.writes.default([]),
  forbids: shape.forbids.default([]),
  maxFiles: shape.maxFiles.default(null),
  maxLines: shape.maxLines.default(null),
  network: shape.network.default(true),
  commands: shape.commands.default(null),
});

/** `typescript`, or with how well: `{ name: typescript, level: 3 }`. */
const able = z
  .union([capability, z.strictObject({ name: capability, level: z.int().min(1).max(5).default(1) })])
  .transform((value) => (typeof value === 'string' ? { name: value, level: 1 } : value));

const capabilities = z
  .array(able)
  .max(100)
  .superRefine((list, context) => {
    for (const [at, { name }] of list.entries())
      if (list.findIndex((other) => other.name === name) < at)
        context.addIssue({ code: 'custom', path: [at], message: `names ${name} twice` });
  });

const executor = executorFileSchema.superRefine((file, context) => {
  if (!('command' in file) && !('claude' in file) && !('agent' in file))
    context.addIssue({ code: 'custom', message: 'must name one of command, claude and agent' });
  else if ('checkout' in file && file.checkout !== undefined)
    context.addIssue({ code: 'custom', path: ['checkout'], message: 'is for tasks that change nothing' });
});

const members = {
  /** What it is, in a word of the installation's own. */
  type: key,
  mode: z.enum(PROFILE_MODES),
  description: z.string().max(10_000).refine(isClean, CLEAN),
  capabilities,
  executor,
  /** Tools that a model is offered; null: all. */
  tools: z.array(z.enum(PROFILE_TOOLS)).max(PROFILE_TOOLS.length).nullable(),
  metadata: z.record(z.string(), z.unknown()).refine(isCleanJson, CLEAN),
  status: z.enum(SETTABLE_STATUSES),
};

/** A whole profile: what it does not say is the least that it can be kept to. */
export const profileFileSchema = z.strictObject({
  slug: key,
  type: members.type,
  mode: members.mode.default('implementation'),
  description: members.description.default(''),
  capabilities: members.capabilities.default([]),
  executor: members.executor.prefault({ claude: {} }),
  constraints: constraints.prefault({}),
  tools: members.tools.default(null),
  metadata: members.metadata.default({}),
  status: members.status.default('active'),
});
export type ProfileFile = z.output<typeof profileFileSchema>;
export type ProfileFileInput = z.input<typeof profileFileSchema>;

/** What of a profile is to change: what is absent stays. */
export const profileChangeSchema = z
  .strictObject({ ...members, constraints: z.strictObject(shape).partial() })
  .partial();

export const shownConstraints = z.object(shape);
