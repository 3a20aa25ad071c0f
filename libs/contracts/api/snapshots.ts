import { z } from 'zod';
import { SNAPSHOT_KINDS } from '#domain/snapshot/snapshot-kind.js';
import { pageQuery } from './page.js';
import { planReference } from './references.js';

/** A name that no other form of a rewind's target looks like. */
const checkpointName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9._-]{0,63}$/,
    'must begin with a letter and have letters, digits, ".", "_" and "-" only, at most 64',
  )
  .refine((name) => name !== 'base' && name !== 'latest', 'means something else: take another name');

/** `POST /api/plans/:plan/checkpoints` */
export const createCheckpointRequest = z.strictObject({
  name: checkpointName,
  /** Number of a task of the plan: the checkpoint is one of its snapshots, too. */
  task: z.int().min(1).max(999_999_999).optional(),
});
export type CreateCheckpointRequest = z.output<typeof createCheckpointRequest>;

/** `GET /api/plans/:plan/snapshots?…` */
export const listSnapshotsQuery = z.strictObject({
  task: z.coerce.number().int().min(1).max(999_999_999).optional().describe('Only those of this task.'),
  kind: z.enum(SNAPSHOT_KINDS).optional().describe('Only those of this kind.'),
  ...pageQuery,
});
export type ListSnapshotsQuery = z.output<typeof listSnapshotsQuery>;

export const snapshotView = z.object({
  id: z.uuid(),
  /** Number of its task; null: it is one of the plan as a whole. */
  task: z.int().nullable(),
  attempt: z.int().nullable(),
  /** From 1, within its task, or within the plan where it has none. */
  sequence: z.int(),
  kind: z.enum(SNAPSHOT_KINDS),
  /** Of a checkpoint. */
  name: z.string().nullable(),
  commit: z.string(),
  /** What its diff is against. */
  baseCommit: z.string(),
  /** What keeps the commit in the hub. */
  gitRef: z.string(),
  files: z.array(z.string()),
  /** When its diff and, where nothing else needed it, its ref were removed. */
  prunedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type SnapshotView = z.output<typeof snapshotView>;

/** `GET /api/plans/:plan/snapshots` */
export const snapshotPage = z.object({
  items: z.array(snapshotView),
  /** Where the next page begins; null on the last one. */
  nextCursor: z.string().nullable(),
});
export type SnapshotPage = z.output<typeof snapshotPage>;

const sequence = z.coerce.number().int().min(1).max(999_999_999);

/** `GET /api/plan-tasks/:task/diff?…`: what was made of the task last, where nothing is named. */
export const taskDiffQuery = z
  .strictObject({
    sequence: sequence.optional().describe('The diff of this snapshot of the task.'),
    from: sequence.optional().describe('What differs between two snapshots of the task: from this one …'),
    to: sequence.optional().describe('… to this one.'),
    checkpoint: checkpointName
      .optional()
      .describe('The diff of this checkpoint of the plan: what changed since the one before.'),
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), {
    message: 'from and to belong together',
    path: ['from'],
  })
  .refine(
    ({ sequence: one, from, checkpoint }) =>
      [one, from, checkpoint].filter((each) => each !== undefined).length <= 1,
    { message: 'name one of sequence, from and to, and checkpoint', path: ['sequence'] },
  );
export type TaskDiffQuery = z.output<typeof taskDiffQuery>;

/** `POST /api/prune` */
export const pruneRequest = z.strictObject({
  /** Only what is older. */
  days: z.int().min(1).max(36_500),
  /** Only of this plan: its number or its id. */
  plan: planReference.optional(),
  /** Without it, nothing is removed: the answer says what would be. */
  confirm: z.boolean().optional(),
});
export type PruneRequest = z.output<typeof pruneRequest>;

/** What was, or would be, removed. */
export const pruneReport = z.object({
  removed: z.boolean(),
  before: z.iso.datetime(),
  snapshots: z.int(),
  diffs: z.int(),
  diffBytes: z.int(),
  refs: z.int(),
  plans: z.array(z.object({ plan: z.int(), name: z.string(), snapshots: z.int(), refs: z.int() })),
});
export type PruneReport = z.output<typeof pruneReport>;
