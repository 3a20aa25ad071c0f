import { z } from 'zod';
import { CLEAN, isClean } from '../text.js';

const to = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine(isClean, CLEAN)
  .describe(
    'The name of a checkpoint, 12.3 (right after that task was done), before/12.3, 12.3/2 (its snapshot 2), base, or lineage/4.',
  );

/** `GET /api/plans/:plan/rewind?…` */
export const previewRewindQuery = z.strictObject({
  to,
  keepIndependent: z
    .enum(['true', 'false'])
    .optional()
    .describe('Integrate again what landed since and does not depend on the first of it.'),
});
export type PreviewRewindQuery = z.output<typeof previewRewindQuery>;

/** `POST /api/plans/:plan/rewind` */
export const rewindPlanRequest = z.strictObject({
  to,
  keepIndependent: z.boolean().optional(),
  /** The `preview` of the preview that was agreed to: where it is not true any more, nothing is done. */
  preview: z.string().regex(/^[0-9a-f]{64}$/, 'must be what the preview gave'),
});
export type RewindPlanRequest = z.output<typeof rewindPlanRequest>;

const commit = z.object({ commit: z.string(), task: z.int() });
const task = z.object({ number: z.int(), title: z.string(), status: z.string() });

/** What a rewind would do. */
export const rewindPreview = z.object({
  /** What the rewind itself has to be given. */
  preview: z.string(),
  to: z.string(),
  /** The tip that is left, and the one that it goes to. */
  fromCommit: z.string(),
  toCommit: z.string(),
  /** Commits that are on the branch no more, oldest first, and those that are on it again. */
  dropped: z.array(commit),
  regained: z.array(commit),
  /** Tasks that begin again; that count as done again; whose commits are verified and integrated again. */
  reset: z.array(task),
  restored: z.array(task),
  kept: z.array(task),
  phases: z.array(z.object({ position: z.int(), name: z.string(), from: z.string(), to: z.string() })),
  files: z.array(
    z.object({ path: z.string(), status: z.string(), addedLines: z.int(), removedLines: z.int() }),
  ),
  /** Refs of the hub that move. */
  refs: z.array(z.object({ ref: z.string(), from: z.string().nullable(), to: z.string() })),
  /** How a person would move the published branch by hand, without Planwright; empty where it is not published. */
  commands: z.array(z.string()),
});
export type RewindPreviewView = z.output<typeof rewindPreview>;
